import Graph
import Units

/// Puts a critical path on a sheet: rows of boxes, then the tables.
struct PathPainter {
  private static let width = 1180.0
  private static let columns = 8
  private static let boxHeight = 62.0
  private static let rowHeight = 84.0
  private static let color = "#E00000"

  private let picture: PathPicture
  private var sheet = Sheet()
  private var legs: [PathLeg]
  private let elidedAt: Int
  private let elided: Int

  init(_ picture: PathPicture) {
    self.picture = picture
    var legs = PathLeg.legs(of: picture.segments)
    if legs.count > picture.nodeLimit * 5 / 8 { legs = legs.foldingRepetitions() }
    elided = max(0, legs.count - picture.nodeLimit)
    elidedAt = picture.nodeLimit / 2
    if elided > 0 { legs.removeSubrange(elidedAt..<elidedAt + elided) }
    self.legs = legs
  }

  mutating func paint() -> Drawing {
    let top = sheet.putTitle(picture.title)
    let ranks = Set(picture.segments.map(\.rank)).count
    sheet.write(
      """
      \(grouped(picture.segments.count)) operations on \(ranks) \(ranks == 1 ? "rank" : "ranks"), \
      in \(legs.count + elided) groups; a box is one stage, direction and microbatch, its bar what it consists of\(repetitionNote)
      """, x: 0, y: top + 2, size: 9, color: "#444444")
    let legend = sheet.putLegend(legendEntries, y: top + 12, width: Self.width)
    var bottom = putChain(y: legend + 4)
    if elided > 0 {
      sheet.noteElided(elided, of: "groups in the middle", x: 0, y: bottom)
      bottom += 16
    }
    putClasses(y: bottom + 8)
    putRunnersUp(y: bottom + 8)
    return sheet.drawing
  }

  private var repetitionNote: String {
    legs.contains { $0.repetitions > 1 } ? "; neighbours with the same ×N take turns N times" : ""
  }

  private var legendEntries: [LegendEntry] {
    OperationClass.allCases.enumerated()
      .filter { index, _ in legs.contains { $0.busy[index] > 0 } }
      .map { LegendEntry($0.element) }
      + [LegendEntry(fill: Self.color, isLine: true, text: "critical path")]
  }

  /// The boxes in rows, joined by arrows; returns the height below them.
  private mutating func putChain(y: Double) -> Double {
    let pitch = Self.width / Double(Self.columns)
    let boxWidth = pitch - 18
    var previous: (node: Int, box: Sheet.Box)?
    for (number, leg) in legs.enumerated() {
      let row = number / Self.columns
      let box = Sheet.Box(
        x: Double(number % Self.columns) * pitch, y: y + Double(row) * Self.rowHeight,
        width: boxWidth, height: Self.boxHeight)
      let node = put(leg, box)
      if let previous {
        connect(previous, (node, box), isElision: elided > 0 && number == elidedAt)
      }
      previous = (node, box)
    }
    let rows = (legs.count + Self.columns - 1) / Self.columns
    return y + Double(rows) * Self.rowHeight
  }

  private mutating func put(_ leg: PathLeg, _ box: Sheet.Box) -> Int {
    let node = sheet.put(
      box, fill: "#FFFFFF", stroke: Self.color, strokeWidth: 1.6, tooltip: tooltip(of: leg),
      cssClass: "leg critical")
    let inner = box.width - 10
    sheet.write(
      fitted(heading(of: leg), width: inner, size: 9.5), x: box.x + 5, y: box.y + 10, size: 9.5,
      bold: true)
    let share = percentage(leg.duration + leg.waiting, of: picture.stepTime.picoseconds)
    sheet.write("\(Ticks(leg.duration + leg.waiting)) · \(share)", x: box.x + 5, y: box.y + 23)
    sheet.write(
      fitted("\(grouped(leg.operations)) ops · \(rankList(leg.ranks))", width: inner, size: 8.5),
      x: box.x + 5, y: box.y + 35, size: 8.5, color: "#444444")
    putBar(leg, Sheet.Box(x: box.x + 5, y: box.y + 45, width: inner, height: 11))
    return node
  }

  private mutating func putBar(_ leg: PathLeg, _ box: Sheet.Box) {
    let total = Double(max(1, leg.duration + leg.waiting))
    sheet.put(box, fill: "#EEEEEE", cssClass: "waiting")
    var x = box.x
    for (index, time) in leg.busy.enumerated() where time > 0 {
      let operationClass = OperationClass.allCases[index]
      let width = box.width * Double(time) / total
      sheet.put(
        Sheet.Box(x: x, y: box.y, width: max(0.2, width), height: box.height),
        fill: operationClass.color,
        tooltip: "\(operationClass.label): \(Ticks(time))",
        cssClass: "share \(operationClass.cssClass)")
      x += width
    }
  }

  private mutating func connect(
    _ from: (node: Int, box: Sheet.Box), _ to: (node: Int, box: Sheet.Box), isElision: Bool
  ) {
    let course: [(x: Double, y: Double)]
    if from.box.y == to.box.y {
      course = [(from.box.right, from.box.middleY), (to.box.x, to.box.middleY)]
    } else {
      let between = (from.box.bottom + to.box.y) / 2
      course = [
        (from.box.middleX, from.box.bottom), (from.box.middleX, between), (to.box.middleX, between),
        (to.box.middleX, to.box.y),
      ]
    }
    sheet.connect(
      from.node, to.node, along: course, color: Self.color, width: 2.2, dashed: isElision,
      cssClass: "critical")
  }

  private func heading(of leg: PathLeg) -> String {
    let what =
      leg.microbatches.map { range in
        range.count == 1
          ? "\(leg.shape.direction) \(range.lowerBound)"
          : "\(leg.shape.direction) \(range.lowerBound)–\(range.upperBound)"
      } ?? leg.shape.direction
    let times = leg.repetitions > 1 ? " ×\(leg.repetitions)" : ""
    return "S\(leg.shape.stage) \(what)\(times)"
  }

  private func tooltip(of leg: PathLeg) -> String {
    """
    stage \(leg.shape.stage), from \(Ticks(leg.start)) to \(Ticks(leg.finish))
    running \(Ticks(leg.duration)), waiting \(Ticks(leg.waiting))
    """
  }

  private func rankList(_ ranks: [Int]) -> String {
    let shown = ranks.prefix(3).map(String.init).joined(separator: ", ")
    let name = ranks.count == 1 ? "rank" : "ranks"
    return "\(name) \(shown)" + (ranks.count > 3 ? " +\(ranks.count - 3)" : "")
  }

  /// The operations that the path spends most time in, as bars.
  private mutating func putClasses(y: Double) {
    let totals = PathTotals(picture.segments)
    let rows = totals.largest(14)
    sheet.write("Where the path spends its time", x: 0, y: y, size: 11, bold: true)
    let longest = Double(max(1, rows.first?.time ?? 1))
    for (number, row) in rows.enumerated() {
      let middle = y + 20 + Double(number) * 15
      sheet.write(fitted(row.title, width: 300, size: 9), x: 0, y: middle)
      let width = 170 * Double(row.time) / longest
      sheet.put(
        Sheet.Box(x: 306, y: middle - 5, width: max(0.3, width), height: 10),
        fill: row.operationClass.color, cssClass: "total \(row.operationClass.cssClass)")
      sheet.write(
        """
        \(Ticks(row.time)) · \(percentage(row.time, of: picture.stepTime.picoseconds)) · \
        ×\(grouped(row.count))
        """, x: 306 + width + 6, y: middle, color: "#444444")
    }
    let rest = totals.count - rows.count
    if rest > 0 {
      sheet.write(
        "\(rest) further kinds of operation: \(Ticks(totals.time - rows.reduce(0) { $0 + $1.time }))",
        x: 0, y: y + 20 + Double(rows.count) * 15, color: "#444444")
    }
  }

  private mutating func putRunnersUp(y: Double) {
    guard !picture.runnersUp.isEmpty else { return }
    let left = 660.0
    sheet.write("Next in line: what may take how much longer", x: left, y: y, size: 11, bold: true)
    for (number, runner) in picture.runnersUp.prefix(14).enumerated() {
      let middle = y + 20 + Double(number) * 15
      sheet.write(
        fitted(runner.title, width: 330, size: 9), x: left, y: middle, cssClass: "runner-up")
      sheet.write("rank \(runner.rank)", x: left + 345, y: middle, color: "#444444")
      sheet.write("slack \(runner.slack)", x: left + 410, y: middle, color: "#444444")
    }
  }
}

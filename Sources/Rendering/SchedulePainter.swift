import Parallelism
import Units

/// Puts a schedule picture on a sheet, from top to bottom.
struct SchedulePainter {
  private static let width = 1180.0
  private static let left = 52.0
  private static let rowHeight = 24.0
  private static let rowGap = 5.0

  private let picture: SchedulePicture
  private var sheet = Sheet()
  private var drawn = 0
  private var elided = 0

  private var order: PipelineOrder { picture.replay.order }

  init(_ picture: SchedulePicture) { self.picture = picture }

  mutating func paint() -> Drawing {
    let top = sheet.putTitle(picture.title)
    let legendBottom = sheet.putLegend(legend, y: top, width: Self.width)
    let firstRow = legendBottom + 18
    let bottom = firstRow + Double(order.ranks) * (Self.rowHeight + Self.rowGap)
    let rows = (0..<order.ranks).map {
      firstRow + Double($0) * (Self.rowHeight + Self.rowGap)
    }
    for (rank, y) in rows.enumerated() {
      sheet.write("rank \(rank)", x: 0, y: y + Self.rowHeight / 2, bold: true, cssClass: "rank")
      sheet.put(
        Sheet.Box(x: Self.left, y: y, width: Self.width - Self.left, height: Self.rowHeight),
        fill: "#EFEFEF", cssClass: "lane")
    }
    putAxis(y: legendBottom + 8, top: firstRow, bottom: bottom)
    for (rank, y) in rows.enumerated() { paint(rank, y: y) }
    sheet.noteElided(elided, of: "slots", x: Self.left, y: bottom + 8)
    return sheet.drawing
  }

  private var legend: [LegendEntry] {
    let passes: [Pass] = [.forward, .backward, .inputGradient, .weightGradient]
    var entries = passes.filter { pass in
      order.slots.contains { $0.contains { $0.pass == pass } }
    }.map { LegendEntry(fill: $0.color(chunk: 0), text: $0.title) }
    entries.append(LegendEntry(fill: "#EFEFEF", stroke: "#BBBBBB", text: "idle"))
    if order.chunks > 1 {
      let later = order.placement == .bidirectional ? "second copy" : "later chunks"
      entries.append(
        LegendEntry(
          fill: Pass.forward.color(chunk: 1), text: "paler: \(later)"))
    }
    if order.slots.contains(where: { $0.contains(where: \.pairsWithNext) }) {
      entries.append(
        LegendEntry(fill: nil, stroke: "#444444", text: "two in one box: side by side"))
    }
    return entries
  }

  private func x(_ time: Double) -> Double {
    let whole = max(picture.replay.makespan, .leastNonzeroMagnitude)
    return Self.left + time / whole * (Self.width - Self.left)
  }

  private mutating func paint(_ rank: Int, y: Double) {
    var isSecondHalf = false
    for (slot, interval) in zip(order.slots[rank], picture.replay.intervals[rank]) {
      let isPaired = slot.pairsWithNext || isSecondHalf
      let height = isPaired ? Self.rowHeight / 2 : Self.rowHeight
      let box = Sheet.Box(
        x: x(interval.start), y: isSecondHalf ? y + height : y,
        width: x(interval.end) - x(interval.start), height: height)
      paint(slot, rank: rank, interval, in: box)
      isSecondHalf = slot.pairsWithNext
    }
  }

  private mutating func paint(
    _ slot: Slot, rank: Int, _ interval: ScheduleReplay.Interval, in box: Sheet.Box
  ) {
    guard drawn < picture.nodeLimit else {
      elided += 1
      return
    }
    drawn += 1
    let number = "\(slot.microbatch)"
    let size = [9, 7.5, 6, 4.5].first { textWidth(number, size: $0) - 2 <= box.width }
    let stage = order.stage(rank: rank, chunk: slot.chunk)
    sheet.put(
      box, fill: slot.pass.color(chunk: slot.chunk), stroke: "#FFFFFF",
      strokeWidth: box.width > 4 ? 0.5 : 0.1, text: size == nil ? "" : number,
      textSize: size ?? 9, textColor: slot.chunk == 0 ? slot.pass.textColor : "#000000",
      tooltip: """
        \(slot.pass.title) of stage \(stage), microbatch \(number)
        from \(shortTime(interval.start)) to \(shortTime(interval.end))
        """, cssClass: "slot \(slot.pass)")
  }

  private mutating func putAxis(y: Double, top: Double, bottom: Double) {
    let makespan = picture.replay.makespan
    guard makespan > 0 else { return }
    var step = 1.0
    while makespan / step > 16 { step *= 10 }
    while makespan / step < 1.6 { step /= 10 }
    for divisor in [5.0, 2] where makespan / (step / divisor) <= 16 {
      step /= divisor
      break
    }
    for tick in 0...Int(makespan / step) {
      let time = Double(tick) * step
      sheet.put(
        Sheet.Box(x: x(time) - 0.2, y: top - 4, width: 0.4, height: bottom - top),
        fill: "#9A9A9A", cssClass: "grid")
      sheet.write(
        shortTime(time), x: x(time), y: y, size: 8.5, anchor: .middle, color: "#444444",
        cssClass: "tick")
    }
  }
}

/// A time in whatever unit it was given, with at most three decimals.
func shortTime(_ time: Double) -> String {
  var text = fixed(time, 3)
  while text.last == "0" { text.removeLast() }
  if text.last == "." { text.removeLast() }
  return text
}

extension Pass {
  fileprivate var title: String {
    switch self {
    case .forward: "forward"
    case .backward: "backward"
    case .inputGradient: "input gradient"
    case .weightGradient: "weight gradient"
    }
  }

  /// The first chunk in full colour, later ones paler.
  fileprivate func color(chunk: Int) -> String {
    switch (self, chunk == 0) {
    case (.forward, true): "#0072B2"
    case (.forward, false): "#8CC4E8"
    case (.backward, true): "#B8500A"
    case (.backward, false): "#F2B98F"
    case (.inputGradient, true): "#009E73"
    case (.inputGradient, false): "#8FD9BF"
    case (.weightGradient, true): "#E2C93B"
    case (.weightGradient, false): "#F5EBB0"
    }
  }

  fileprivate var textColor: String { self == .weightGradient ? "#000000" : "#FFFFFF" }
}

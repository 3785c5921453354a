import Graph
import Parallelism

/// Puts a layer picture on a sheet: a table of ranks and operations with the edges between them.
struct LayerPainter {
  private static let gutter = 352.0
  private static let column = 32.0
  private static let cell = 20.0
  private static let lineHeight = 9.0

  private let picture: LayerPicture
  private var sheet = Sheet()
  /// For each row, the node and the vertical extent in each column.
  private var nodes: [[(node: Int, top: Double, bottom: Double)]] = []
  private var rowOfOperation: [Int: Int] = [:]

  private var program: StageProgram { picture.graph.programs[picture.stage] }
  private var width: Double { Self.gutter + Double(picture.ranks.count) * Self.column }

  init(_ picture: LayerPicture) { self.picture = picture }

  mutating func paint() -> Drawing {
    let top = sheet.putTitle(picture.title)
    sheet.write(
      """
      layer \(picture.layer), microbatch \(picture.microbatch), stage \(picture.stage): \
      \(picture.rows.count) operations on each of \(picture.ranks.count) ranks; columns are ranks, a \
      collective is drawn once across its members
      """, x: 0, y: top + 2, color: "#444444")
    let legend = sheet.putLegend(legendEntries, y: top + 12, width: max(700, width))
    let header = legend + 8
    let heights = picture.rows.map(height(ofRow:))
    let firstRow = header + 34
    let bottom = firstRow + heights.reduce(0, +) + separatorHeight
    putColumns(y: header, bottom: bottom)
    var y = firstRow
    var isBackward = false
    for (row, index) in picture.rows.enumerated() {
      if program.operations[index].pass != .forward, !isBackward {
        isBackward = true
        sheet.write("backward", x: 0, y: y + 8, size: 10, bold: true)
        y += separatorHeight
      }
      put(row: row, operation: index, y: y, height: heights[row])
      y += heights[row]
    }
    putEdges()
    sheet.noteElided(
      picture.elided, of: "nodes of further ranks", x: 0, y: bottom + 12)
    return sheet.drawing
  }

  private var separatorHeight: Double {
    picture.rows.contains { program.operations[$0].pass != .forward } ? 20 : 0
  }

  private var legendEntries: [LegendEntry] {
    let classes = picture.rows.map { OperationClass(program.operations[$0]) }
    return OperationClass.allCases.filter(classes.contains).map { LegendEntry($0) }
      + [
        LegendEntry(
          fill: Self.edgeColor, isLine: true,
          text: "dependency (those on other layers are not drawn)")
      ]
  }

  private static let edgeColor = "#777777"

  private func bars(ofRow index: Int) -> [CollectiveBar]? {
    guard case .collective(let family) = program.operations[index].meeting else { return nil }
    return CollectiveBar.bars(of: family, ranks: picture.ranks, on: picture.graph.grid)
  }

  private func height(ofRow index: Int) -> Double {
    guard let bars = bars(ofRow: index) else { return 17 }
    let lines = 1 + (bars.map(\.line).max() ?? 0)
    return 8 + Double(lines) * Self.lineHeight
  }

  private func x(ofColumn column: Int) -> Double {
    Self.gutter + (Double(column) + 0.5) * Self.column
  }

  /// A pale band per rank, with its coordinates on top.
  private mutating func putColumns(y: Double, bottom: Double) {
    let grid = picture.graph.grid
    sheet.write("rank", x: Self.gutter - 8, y: y + 5, size: 8.5, anchor: .right, color: "#444444")
    sheet.write(
      "TP · EP", x: Self.gutter - 8, y: y + 17, size: 8.5, anchor: .right, color: "#444444")
    for (column, rank) in picture.ranks.enumerated() {
      let middle = x(ofColumn: column)
      let coordinates = (grid.denseCoordinates(of: rank), grid.expertCoordinates(of: rank))
      let isOdd = coordinates.0.context + rank / max(1, grid.plan.tensor) & 1 == 1
      sheet.put(
        Sheet.Box(
          x: middle - Self.column / 2 + 1, y: y - 3, width: Self.column - 2, height: bottom - y),
        fill: isOdd ? "#F1F1F1" : "#F8F8F8", tooltip: grid.label(of: rank), cssClass: "rank")
      sheet.write("\(rank)", x: middle, y: y + 5, anchor: .middle, bold: true)
      sheet.write(
        "\(coordinates.0.tensor) · \(coordinates.1.expert)", x: middle, y: y + 17, size: 8.5,
        anchor: .middle, color: "#444444")
    }
  }

  private mutating func put(row: Int, operation index: Int, y: Double, height: Double) {
    let operation = program.operations[index]
    let work = picture.graph.works[operation.work]
    let middle = y + height / 2
    let title = picture.graph.title(of: operation)
    sheet.write(fitted("\(row + 1)  \(title)", width: 240, size: 9), x: 0, y: middle)
    sheet.write(
      work.summary, x: Self.gutter - 8, y: middle, size: 8, anchor: .right, color: "#666666")
    rowOfOperation[index] = row
    if let bars = bars(ofRow: index) {
      nodes.append(put(bars, operation: operation, title: title, y: y + 4))
    } else {
      let operationClass = OperationClass(operation)
      nodes.append(
        picture.ranks.indices.map { column in
          let box = Sheet.Box(
            x: x(ofColumn: column) - Self.cell / 2, y: y + 3, width: Self.cell, height: height - 6)
          let node = sheet.put(
            box, fill: operationClass.color, tooltip: "\(title) on rank \(picture.ranks[column])",
            cssClass: "operation \(operationClass.cssClass)")
          return (node, box.y, box.bottom)
        })
    }
  }

  /// Bars across neighbouring members; a thin line with a dot per member where others lie between.
  private mutating func put(
    _ bars: [CollectiveBar], operation: Graph.Operation, title: String, y: Double
  ) -> [(node: Int, top: Double, bottom: Double)] {
    let operationClass = OperationClass(operation)
    var ends = [(node: Int, top: Double, bottom: Double)](
      repeating: (0, 0, 0), count: picture.ranks.count)
    for bar in bars {
      let top = y + Double(bar.line) * Self.lineHeight
      let left = x(ofColumn: bar.columns[0]) - Self.cell / 2
      let right = x(ofColumn: bar.columns[bar.columns.count - 1]) + Self.cell / 2
      let thickness = bar.isSolid ? 8.0 : 2.0
      let members = memberList(bar.group.sorted())
      let node = sheet.put(
        Sheet.Box(
          x: left, y: top + 4 - thickness / 2, width: right - left, height: thickness),
        fill: operationClass.color,
        tooltip: "\(title)\nmembers \(members)\ncall \(operation.partner)",
        cssClass: "collective \(operationClass.cssClass)")
      for column in bar.columns {
        if !bar.isSolid {
          sheet.put(
            Sheet.Box(x: x(ofColumn: column) - 4, y: top, width: 8, height: 8),
            fill: operationClass.color, stroke: "#FFFFFF",
            tooltip: "\(title) on rank \(picture.ranks[column])",
            cssClass: "member \(operationClass.cssClass)")
        }
        ends[column] = (node, top, top + 8)
      }
    }
    return ends
  }

  /// Every dependency in every column: straight to the next row, around the cells to later ones.
  private mutating func putEdges() {
    for (row, index) in picture.rows.enumerated() {
      for dependency in program.dependencies(of: index) {
        guard let from = rowOfOperation[Int(dependency)] else { continue }
        for column in picture.ranks.indices {
          let (tail, head) = (nodes[from][column], nodes[row][column])
          let middle = x(ofColumn: column)
          if row == from + 1 {
            sheet.connect(
              tail.node, head.node, along: [(middle, tail.bottom), (middle, head.top)],
              color: Self.edgeColor, width: 0.7)
          } else {
            // Longer edges run further out, so that they do not lie on one another.
            let offset = Self.cell / 2 + min(5, 1 + Double(row - from) * 0.3)
            let (start, end) = (tail.bottom - 2, head.top + 3)
            let edge = middle + Self.cell / 2
            sheet.connect(
              tail.node, head.node,
              along: [
                (edge, start), (middle + offset, start), (middle + offset, end), (edge, end),
              ], color: Self.edgeColor, width: 0.6)
          }
        }
      }
    }
  }
}

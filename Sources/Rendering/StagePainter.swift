import Cost
import Graph
import Parallelism
import Units

/// Puts a stage picture on a sheet: stages side by side, blocks from top to bottom and back up.
struct StagePainter {
  static let edgeColor = "#777777"

  let picture: StagePicture
  var sheet = Sheet()
  private(set) var columns: [StageColumn] = []
  /// For each stage shown, the sheet's node of each block; nil where it was left out.
  private(set) var nodes: [[Int?]] = []
  private var drawn = 0
  private var elided = 0

  init(_ picture: StagePicture) { self.picture = picture }

  mutating func paint() -> Drawing {
    let top = sheet.putTitle(picture.title)
    let width = StageColumn.width * Double(picture.stages.count)
    sheet.write(
      "what one rank of each stage does in a step, layers and microbatches folded together"
        + hidden,
      x: 0, y: top + 2, color: "#444444")
    let legend = sheet.putLegend(Self.legend, y: top + 12, width: max(700, width))
    for (position, stage) in picture.stages.enumerated() {
      let summary = StageSummary(
        picture.graph, program: picture.graph.programs[stage], costs: picture.costs)
      columns.append(
        StageColumn(
          summary, left: Double(position) * StageColumn.width, top: legend + 30,
          notes: summary.nodes.indices.map { summary.note(on: $0) == nil ? 0 : 1 }))
    }
    let bottom = columns.map(\.bottom).max() ?? 0
    for position in columns.indices {
      put(columns[position], stage: picture.stages[position], bottom)
    }
    for position in columns.indices { putEdges(ofStageAt: position) }
    putTransfers()
    sheet.noteElided(elided, of: "nodes", x: 0, y: bottom + 26)
    return sheet.drawing
  }

  private var hidden: String {
    let count = picture.graph.programs.count - picture.stages.count
    return count > 0 ? "; \(count) further stages are not shown" : ""
  }

  private static var legend: [LegendEntry] {
    [
      LegendEntry(fill: OperationClass.forward.color, text: "forward, downwards"),
      LegendEntry(fill: OperationClass.inputGradient.color, text: "backward, upwards"),
      LegendEntry(fill: OperationClass.optimizer.color, text: "once per step"),
      LegendEntry(
        fill: OperationClass.pipeline.color, isLine: true,
        text: "message between stages: bytes × messages per step"),
      LegendEntry(
        fill: edgeColor, isLine: true,
        text: "dependency: bytes handed on where known × dependencies per step"),
    ]
  }

  private mutating func put(_ column: StageColumn, stage: Int, _ bottom: Double) {
    let program = picture.graph.programs[stage]
    sheet.put(
      Sheet.Box(
        x: column.left + 6, y: column.top, width: StageColumn.width - 12,
        height: bottom + 16 - column.top), fill: "#F8F8F8", stroke: "#CCCCCC", cssClass: "stage")
    let time = picture.costs == nil ? "" : ", with their time per step"
    sheet.write(
      """
      stage \(stage): \(grouped(program.operations.count)) operations on each of \
      \(picture.graph.grid.plan.stageSize) ranks\(time)
      """, x: column.left + 14, y: column.top + 11, size: 10.5, bold: true)
    nodes.append(
      column.summary.nodes.indices.map { index in
        guard drawn < picture.nodeLimit else {
          elided += 1
          return nil
        }
        drawn += 1
        return put(column.summary, index, column.boxes[index])
      })
  }

  private mutating func put(_ summary: StageSummary, _ index: Int, _ box: Sheet.Box) -> Int {
    let node = summary.nodes[index]
    let operationClass = node.operationClass
    let frame = sheet.put(
      box, fill: "#FFFFFF", stroke: operationClass.color, strokeWidth: 1,
      cssClass: "node \(operationClass.cssClass)")
    sheet.put(
      Sheet.Box(x: box.x, y: box.y, width: box.width, height: StageColumn.headerHeight),
      fill: operationClass.color, cssClass: "header \(operationClass.cssClass)")
    let heading = node.title
    sheet.write(
      heading, x: box.x + 4, y: box.y + 7.5, bold: true, color: operationClass.textColor)
    sheet.write(
      node.repetition, x: box.right - 4, y: box.y + 7.5, size: 8.5, anchor: .right,
      color: operationClass.textColor)
    var y = box.y + StageColumn.headerHeight + 7
    let wide = node.key.direction == .step
    for row in node.rows {
      let work = picture.graph.works[row.operation.work]
      let time = picture.costs == nil ? "" : "\(row.time)"
      let title = picture.graph.shortTitle(of: row.operation) + node.times(row)
      sheet.put(
        Sheet.Box(x: box.x + 4, y: y - 3, width: 6, height: 6),
        fill: OperationClass(row.operation).color, tooltip: "\(title): \(work.summary)")
      sheet.write(
        fitted(title, width: wide ? 330 : 132, size: 8.5), x: box.x + 13, y: y, size: 8.5)
      sheet.write(
        fitted(work.shortSummary, width: 60, size: 8), x: box.right - 42, y: y, size: 8,
        anchor: .right, color: "#666666")
      sheet.write(time, x: box.right - 4, y: y, size: 8.5, anchor: .right)
      y += StageColumn.rowHeight
    }
    if let note = summary.note(on: index) {
      sheet.write(
        fitted(note, width: box.width - 10, size: 8.5), x: box.x + 4, y: y, size: 8.5,
        color: "#666666")
    }
    return frame
  }
}

import Graph
import Parallelism
import Simulation
import Units

extension TimelinePainter {
  /// Draws a block: solid if its stream was busy throughout, else as bars over a pale ground.
  mutating func paint(
    _ block: TimelineLane.Block, of lane: TimelineLane, y: Double, height: Double
  ) {
    guard blocks < picture.nodeLimit else {
      elided += 1
      return
    }
    blocks += 1
    let left = axis.x(block.start)
    let width = max(0.4, axis.x(block.finish) - left)
    let main = block.busy[0].operationClass
    let (label, textSize) = self.label(of: block, lane: lane, width: width)
    let tooltip = self.tooltip(of: block, lane: lane)
    let isFull = block.busy.count == 1 && Double(block.busyTime) >= 0.98 * Double(block.width)
    sheet.put(
      Sheet.Box(x: left, y: y, width: width, height: height),
      fill: isFull ? main.color : main.tint, stroke: width > 6 ? "#FFFFFF" : nil, strokeWidth: 0.4,
      text: isFull ? label : "", textSize: textSize, textColor: main.textColor, tooltip: tooltip,
      cssClass: "block \(main.cssClass)")
    guard !isFull else { return }
    var bottom = y + height
    for (operationClass, time) in block.busy {
      let bar = height * Double(time) / Double(max(1, block.width))
      bottom -= bar
      sheet.put(
        Sheet.Box(x: left + 0.2, y: bottom, width: max(0.3, width - 0.4), height: bar),
        fill: operationClass.color, tooltip: tooltip, cssClass: "busy \(operationClass.cssClass)")
    }
    guard !label.isEmpty else { return }
    let dominant = block.busy.max { $0.time < $1.time }?.operationClass ?? main
    let isOnBar = y + height / 2 > bottom + 3
    sheet.write(
      label, x: left + width / 2, y: y + height / 2, size: textSize, anchor: .middle, bold: true,
      color: isOnBar ? dominant.textColor : "#000000", cssClass: "microbatch")
  }

  /// The name of an operation that has the room, else the number of its microbatch; and its size.
  private func label(of block: TimelineLane.Block, lane: TimelineLane, width: Double)
    -> (text: String, size: Double)
  {
    if block.operations == 1 {
      let operation = picture.timeline.graph.program(of: lane.rank).operations[block.first]
      let size = lane.stream == .compute ? 9 : 7.5
      let title = operation.kind.title
      if textWidth(title, size: size) <= width { return (title, size) }
    }
    guard lane.stream == .compute, let microbatches = block.microbatches else { return ("", 9) }
    let number =
      microbatches.count == 1
      ? "\(microbatches.lowerBound)" : "\(microbatches.lowerBound)–\(microbatches.upperBound)"
    let hasChunks = picture.timeline.graph.grid.plan.virtualPipeline > 1
    let full = hasChunks ? "\(number)·\(block.chunk)" : number
    let candidates = [(full, 9.0), (number, 9), (number, 7.5), (number, 6.5)]
    return candidates.first { textWidth($0.0, size: $0.1, bold: true) - 1 <= width } ?? ("", 9)
  }

  private func tooltip(of block: TimelineLane.Block, lane: TimelineLane) -> String {
    let graph = picture.timeline.graph
    let operation = graph.program(of: lane.rank).operations[block.first]
    var lines: [String] = []
    if block.operations == 1 {
      lines.append(graph.title(of: operation))
      if let layer = operation.layer { lines.append("layer \(layer)") }
    } else {
      lines.append("\(grouped(block.operations)) operations")
    }
    if let microbatches = block.microbatches {
      lines.append(
        microbatches.count == 1
          ? "microbatch \(microbatches.lowerBound)"
          : "microbatches \(microbatches.lowerBound) to \(microbatches.upperBound)")
    }
    lines.append("from \(Ticks(block.start)) for \(Ticks(block.width))")
    if block.operations > 1 {
      for (operationClass, time) in block.busy {
        lines.append("\(operationClass.label) \(Ticks(time))")
      }
    }
    return lines.joined(separator: "\n")
  }
}

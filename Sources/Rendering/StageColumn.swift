import Graph
import Units

/// Where the blocks of one stage lie in a stage picture: forward on the left, backward on the right,
/// what happens once per step below.
struct StageColumn {
  static let blockWidth = 236.0
  static let gap = 34.0
  static let margin = 116.0
  static let headerHeight = 15.0
  static let rowHeight = 11.5
  private static let spacing = 24.0

  let summary: StageSummary
  /// One per node of the summary.
  private(set) var boxes: [Sheet.Box] = []
  /// Where the passes end and the step-wide blocks begin.
  private(set) var passBottom: Double
  private(set) var bottom: Double
  let left: Double
  let top: Double

  /// The width of a stage with the margins where its edges run.
  static var width: Double { 2 * margin + 2 * blockWidth + gap }

  var right: Double { left + Self.width }
  var backwardX: Double { left + Self.margin + Self.blockWidth + Self.gap }

  /// - Parameter notes: lines that each node needs beside its rows.
  init(_ summary: StageSummary, left: Double, top: Double, notes: [Int]) {
    self.summary = summary
    self.left = left
    self.top = top
    let forwardX = left + Self.margin
    let backwardX = forwardX + Self.blockWidth + Self.gap
    var boxes = [Sheet.Box](
      repeating: Sheet.Box(x: 0, y: 0, width: 0, height: 0), count: summary.nodes.count)
    var y = top + 42
    for block in StageBlock.allCases {
      var height = 0.0
      for (index, node) in summary.nodes.enumerated()
      where node.key.block == block && node.key.direction != .step {
        let own = Self.height(of: node, notes: notes[index])
        boxes[index] = Sheet.Box(
          x: node.key.direction == .forward ? forwardX : backwardX, y: y, width: Self.blockWidth,
          height: own)
        height = max(height, own)
      }
      if height > 0 { y += height + Self.spacing }
    }
    passBottom = y
    y += 26
    for block in StageBlock.allCases {
      for (index, node) in summary.nodes.enumerated()
      where node.key.block == block && node.key.direction == .step {
        let own = Self.height(of: node, notes: notes[index])
        boxes[index] = Sheet.Box(
          x: forwardX, y: y, width: 2 * Self.blockWidth + Self.gap, height: own)
        y += own + 8
      }
    }
    bottom = y
    self.boxes = boxes
  }

  private static func height(of node: StageSummary.Node, notes: Int) -> Double {
    headerHeight + Double(node.rows.count + notes) * rowHeight + 4
  }

  /// The node above or below another one in its column, by direction of the pass.
  func isNext(_ head: Int, after tail: Int) -> Bool {
    let (from, to) = (summary.nodes[tail].key, summary.nodes[head].key)
    guard from.direction == to.direction, from.direction != .step else { return false }
    let order = summary.nodes.indices.filter { summary.nodes[$0].key.direction == from.direction }
      .sorted { boxes[$0].y < boxes[$1].y }
    guard let position = order.firstIndex(of: tail) else { return false }
    let next = from.direction == .forward ? position + 1 : position - 1
    return order.indices.contains(next) && order[next] == head
  }

  /// Whether an edge stays in its pass and leads past other blocks.
  func goesAround(_ edge: StageSummary.Edge) -> Bool {
    let (from, to) = (summary.nodes[edge.tail].key, summary.nodes[edge.head].key)
    return from.direction == to.direction && from.direction != .step
      && !isNext(edge.head, after: edge.tail)
  }
}

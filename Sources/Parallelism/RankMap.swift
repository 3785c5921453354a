/// A drawing of who sits where: a line per node, a bracket per tensor-parallel group.
///
///     node 0 PP0  0.0[0 1 2 3]  1.0[4 5 6 7]
///
/// The numbers before a bracket are coordinates that its ranks share: EP and EDP where the plan has
/// experts, DP elsewhere, CP and PP where they vary inside a node.
public struct RankMap: Sendable {
  public let grid: RankGrid
  /// Ranks per node.
  public let nodeSize: Int
  /// The most nodes that are drawn; the middle of a larger cluster is elided.
  public let nodeLimit: Int

  /// - Precondition: nodes have at least one rank, and at least two nodes may be drawn.
  public init(_ grid: RankGrid, nodeSize: Int = 8, nodeLimit: Int = 32) {
    precondition(nodeSize >= 1, "a node has at least one rank, got \(nodeSize)")
    precondition(nodeLimit >= 2, "a map draws at least two nodes, got \(nodeLimit)")
    self.grid = grid
    self.nodeSize = nodeSize
    self.nodeLimit = nodeLimit
  }

  /// The number of nodes; the last may be partly filled.
  public var nodes: Int { (grid.worldSize + nodeSize - 1) / nodeSize }

  /// The drawing, with a heading and a legend.
  public var text: String {
    let shown = min(nodes, nodeLimit)
    let head = shown == nodes ? nodes : shown / 2
    let tail = (nodes - (shown - head))..<nodes
    var lines = [heading, legend] + (0..<head).map(line)
    if shown < nodes {
      let elided = tail.lowerBound - head
      lines.append("… \(elided) \(elided == 1 ? "node" : "nodes") elided …")
      lines += tail.map(line)
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private var heading: String {
    let ranks = grid.worldSize == 1 ? "rank" : "ranks"
    return "\(grid.plan): \(grid.worldSize) \(ranks), \(nodes) \(nodes == 1 ? "node" : "nodes") of "
      + "\(nodeSize)"
  }

  private var legend: String {
    "\(labels.map(\.name).joined(separator: "."))[ranks of a TP group, TP0 first]"
  }

  private func line(ofNode node: Int) -> String {
    let ranks = node * nodeSize..<min((node + 1) * nodeSize, grid.worldSize)
    let stages = unique(ranks.map(grid.pipelineRank))
    let brackets = blocks(of: ranks).map { block in
      label(of: block) + "["
        + block.map { padded($0, like: grid.worldSize - 1) }.joined(separator: " ") + "]"
    }
    let place = "node \(padded(node, like: nodes - 1)) PP\(range(stages))"
    return ([place] + brackets).joined(separator: "  ")
  }

  /// The ranks of a node, cut where the tensor-parallel group changes.
  private func blocks(of ranks: Range<Int>) -> [Range<Int>] {
    let tensor = grid.plan.tensor
    return (ranks.lowerBound / tensor...(ranks.upperBound - 1) / tensor).map {
      ($0 * tensor..<($0 + 1) * tensor).clamped(to: ranks)
    }
  }

  private func label(of block: Range<Int>) -> String {
    labels.map { label in range(unique(block.map(label.coordinate))) }.joined(separator: ".")
  }

  /// The coordinates in front of a bracket.
  private var labels: [(name: String, coordinate: (Int) -> Int)] {
    let plan = grid.plan
    var labels: [(name: String, coordinate: (Int) -> Int)] = []
    if grid.pipelineStride % nodeSize != 0, plan.pipeline > 1 {
      labels.append(("PP", grid.pipelineRank))
    }
    if plan.context > 1 { labels.append(("CP", { grid.denseCoordinates(of: $0).context })) }
    if plan.expert > 1 || plan.expertTensor != plan.tensor {
      labels.append(("EP", { grid.expertCoordinates(of: $0).expert }))
      labels.append(("EDP", { grid.expertCoordinates(of: $0).expertData }))
    } else {
      labels.append(("DP", { grid.denseCoordinates(of: $0).data }))
    }
    return labels
  }

  private func unique(_ values: [Int]) -> [Int] { Set(values).sorted() }

  /// `3`, `0-3`, or `0,4` where the values have gaps.
  private func range(_ values: [Int]) -> String {
    guard let first = values.first, let last = values.last, first < last else {
      return values.first.map(String.init) ?? ""
    }
    return last - first == values.count - 1
      ? "\(first)-\(last)" : values.map(String.init).joined(separator: ",")
  }

  private func padded(_ value: Int, like widest: Int) -> String {
    let digits = String(value)
    return String(repeating: " ", count: max(0, String(widest).count - digits.count)) + digits
  }
}

public import Parallelism

/// Collects nodes and edges in any order and freezes them into an `ObservedGraph`.
public struct ObservedGraphBuilder: Sendable {
  private var nodes: [ObservedNode] = []
  private var names: [String] = []
  private var labels: [String] = []
  private var sources: [NodeID] = []
  private var targets: [NodeID] = []
  private var groups: [[Int32]] = []
  private var groupIndex: [[Int32]: Int] = [:]
  private var placements: [AxisPlacement] = []

  public init() {}

  /// Sets room aside for a graph of known size.
  public mutating func reserve(nodes nodeCount: Int, edges edgeCount: Int) {
    nodes.reserveCapacity(nodeCount)
    names.reserveCapacity(nodeCount)
    sources.reserveCapacity(edgeCount)
    targets.reserveCapacity(edgeCount)
  }

  /// Adds a node; a graph has labels for all nodes or for none.
  @discardableResult
  public mutating func add(_ node: ObservedNode, named name: String, label: String? = nil) -> NodeID
  {
    nodes.append(node)
    names.append(name)
    if let label {
      while labels.count < nodes.count - 1 { labels.append(names[labels.count]) }
      labels.append(label)
    } else if !labels.isEmpty {
      labels.append(name)
    }
    return NodeID(nodes.count - 1)
  }

  /// Adds an edge; the first must end before the second starts.
  public mutating func connect(_ source: NodeID, to target: NodeID) {
    sources.append(source)
    targets.append(target)
  }

  /// States a coordinate of a node.
  public mutating func place(_ node: NodeID, axis: GroupFamily, index: Int) {
    placements.append(AxisPlacement(node: node, axis: axis, index: index))
  }

  /// The index of a list of ranks, for `ObservedNode.members`.
  public mutating func group(_ members: [Int32]) -> Int {
    if let known = groupIndex[members] { return known }
    groups.append(members)
    groupIndex[members] = groups.count - 1
    return groups.count - 1
  }

  /// The frozen graph; predecessors keep the order in which their edges were added.
  public consuming func build() -> ObservedGraph {
    var start = [Int32](repeating: 0, count: nodes.count + 1)
    for target in targets { start[Int(target.index) + 1] += 1 }
    for node in 0..<nodes.count { start[node + 1] += start[node] }
    var next = start
    var predecessors = [NodeID](repeating: NodeID(0), count: sources.count)
    for (source, target) in zip(sources, targets) {
      let place = Int(next[Int(target.index)])
      predecessors[place] = source
      next[Int(target.index)] += 1
    }
    return ObservedGraph(
      nodes: nodes, names: names, labels: labels, predecessorStart: start,
      predecessors: predecessors, groups: groups, placements: placements)
  }
}

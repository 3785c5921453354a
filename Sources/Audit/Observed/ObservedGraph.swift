/// A DAG as somebody drew or wrote it: our own, a DOT file, a trace. Flat, for millions of nodes.
public struct ObservedGraph: Sendable {
  public let nodes: [ObservedNode]
  /// The identifiers of the nodes in their file.
  public let names: [String]
  /// What the nodes are called for people; empty where the origin has no labels.
  public let labels: [String]
  /// `predecessors[predecessorStart[n]..<predecessorStart[n + 1]]` are those of node `n`.
  public let predecessorStart: [Int32]
  public let predecessors: [NodeID]
  /// The distinct lists of ranks that collectives name.
  public let groups: [[Int32]]
  /// Coordinates stated in place of ranks.
  public let placements: [AxisPlacement]

  init(
    nodes: [ObservedNode], names: [String], labels: [String], predecessorStart: [Int32],
    predecessors: [NodeID], groups: [[Int32]], placements: [AxisPlacement]
  ) {
    self.nodes = nodes
    self.names = names
    self.labels = labels
    self.predecessorStart = predecessorStart
    self.predecessors = predecessors
    self.groups = groups
    self.placements = placements
  }

  public var nodeCount: Int { nodes.count }
  public var edgeCount: Int { predecessors.count }

  /// All nodes, in order.
  public var ids: LazyMapSequence<Range<Int>, NodeID> { nodes.indices.lazy.map { NodeID($0) } }

  public subscript(id: NodeID) -> ObservedNode { nodes[Int(id.index)] }

  /// The identifier of a node in its file.
  public func name(of id: NodeID) -> String { names[Int(id.index)] }

  /// What a node is called for people: its label, or its name where it has none.
  public func label(of id: NodeID) -> String {
    labels.isEmpty ? name(of: id) : labels[Int(id.index)]
  }

  /// The nodes that must end before one may start.
  public func predecessors(of id: NodeID) -> ArraySlice<NodeID> {
    let node = Int(id.index)
    return predecessors[Int(predecessorStart[node])..<Int(predecessorStart[node + 1])]
  }
}

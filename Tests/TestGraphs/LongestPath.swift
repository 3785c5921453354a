public import Cost
public import Graph
import Parallelism
import Units

/// The obvious way to play a step: every node's end by recursion over the explicit graph.
public struct LongestPath {
  /// A node of the explicit graph.
  public struct Node: Hashable, Sendable {
    public let rank: Int
    public let operation: Int

    public init(rank: Int, operation: Int) {
      self.rank = rank
      self.operation = operation
    }
  }

  private let graph: StepGraph
  private let costs: StepCosts
  private let delayed: Node?
  private let delay: Int64
  private var ends: [Node: Int64] = [:]

  /// - Parameters:
  ///   - delayed: a node that ends later than it would.
  ///   - delay: how much later, in picoseconds.
  public init(_ graph: StepGraph, costs: StepCosts, delayed: Node? = nil, by delay: Int64 = 0) {
    self.graph = graph
    self.costs = costs
    self.delayed = delayed
    self.delay = delay
  }

  /// All nodes, rank after rank.
  public var nodes: [Node] {
    (0..<graph.grid.worldSize).flatMap { rank in
      graph.program(of: rank).operations.indices.map { Node(rank: rank, operation: $0) }
    }
  }

  /// The end of every node, rank after rank.
  public mutating func finishes() -> [Int64] { nodes.map { finish($0) } }

  /// The end of the step.
  public mutating func makespan() -> Int64 { finishes().max() ?? 0 }

  /// The end of a node.
  public mutating func finish(_ node: Node) -> Int64 {
    if let known = ends[node] { return known }
    let operation = graph.program(of: node.rank).operations[node.operation]
    let end: Int64
    switch operation.meeting {
    case .none:
      end =
        arrival(node)
        + costs.duration(of: operation, at: node.operation, on: node.rank).picoseconds
    case .send:
      let path = costs.pathIndex(from: node.rank, to: partner(of: node).rank)
      end =
        arrival(node)
        + costs.duration(ofWork: costs.pricedWork(of: operation), groupIndex: path).picoseconds
    case .receive: end = max(arrival(node), finish(partner(of: node)))
    case .collective(let family):
      let members = members(of: node)
      let index = graph.grid.groupIndex(of: family, containing: node.rank)
      end =
        members.reduce(0) { max($0, arrival($1)) }
        + costs.duration(ofWork: costs.pricedWork(of: operation), groupIndex: index).picoseconds
        + (members.contains { $0 == delayed && $0 != node } ? delay : 0)
    }
    ends[node] = end + (node == delayed ? delay : 0)
    return end + (node == delayed ? delay : 0)
  }

  /// When a node has been launched and everything it waits for on its rank has ended.
  private mutating func arrival(_ node: Node) -> Int64 {
    localPredecessors(of: node).reduce(launch(node)) { max($0, finish($1)) }
  }

  private mutating func launch(_ node: Node) -> Int64 {
    let launches = node.operation - (blocker(of: node)?.operation ?? -1)
    let free = blocker(of: node).map { finish($0) + costs.hostSync.picoseconds } ?? 0
    return free + Int64(launches) * costs.launch.picoseconds
  }

  /// The operation that the host of a node's rank waited for last before launching it.
  public func blocker(of node: Node) -> Node? {
    graph.program(of: node.rank).operations[..<node.operation].lastIndex(where: \.blocksHost)
      .map { Node(rank: node.rank, operation: $0) }
  }

  /// Dependencies and the node before on the same stream.
  private func localPredecessors(of node: Node) -> [Node] {
    let program = graph.program(of: node.rank)
    let stream = program.operations[node.operation].stream
    let previous = program.operations[..<node.operation].lastIndex { $0.stream == stream }
    return (program.dependencies(of: node.operation).map(Int.init) + (previous.map { [$0] } ?? []))
      .map { Node(rank: node.rank, operation: $0) }
  }

  /// Everything that a node waits for but the host: of all members for a collective, the send too for
  /// a receive.
  public func predecessors(of node: Node) -> [Node] {
    let sent =
      graph.program(of: node.rank).operations[node.operation].meeting == .receive
      ? [partner(of: node)] : []
    return members(of: node).flatMap { localPredecessors(of: $0) } + sent
  }

  /// The nodes that start and end with a node: the other members of its collective, and itself.
  public func members(of node: Node) -> [Node] {
    let operation = graph.program(of: node.rank).operations[node.operation]
    guard case .collective(let family) = operation.meeting else { return [node] }
    return graph.grid.group(family, containing: node.rank).map { member in
      let calls = graph.program(of: member).operations.indices.filter {
        graph.program(of: member).operations[$0].meeting == .collective(family)
      }
      return Node(rank: member, operation: calls[operation.partner])
    }
  }

  private func partner(of node: Node) -> Node {
    let operation = graph.program(of: node.rank).operations[node.operation]
    return Node(
      rank: graph.grid.rank(node.rank, movedToStage: operation.peer),
      operation: operation.partner)
  }
}

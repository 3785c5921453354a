public import Graph
import Parallelism
import Units

extension ObservedGraph {
  /// Every node and edge of our own step graph, written out: rank by rank, in program order.
  ///
  /// Nodes are named `r<rank>_<index>`, as in our DOT files; each send has an edge to its receive.
  public init(enumerating step: StepGraph) {
    var enumeration = StepEnumeration(step)
    self = enumeration.graph()
  }
}

/// Writes out a step graph rank by rank.
private struct StepEnumeration {
  let step: StepGraph
  let grid: RankGrid
  /// The first node of each rank.
  let firstNode: [Int]
  /// Index of a group by family and lowest rank, `-1` while it has not been listed.
  var groupIndex: [[Int32]]
  var builder = ObservedGraphBuilder()

  init(_ step: StepGraph) {
    self.step = step
    grid = step.grid
    var first: [Int] = []
    var count = 0
    for rank in 0..<step.grid.worldSize {
      first.append(count)
      count += step.program(of: rank).operations.count
    }
    firstNode = first
    groupIndex = Array(
      repeating: Array(repeating: -1, count: step.grid.worldSize), count: GroupFamily.allCases.count
    )
    builder.reserve(nodes: step.nodeCount, edges: step.edgeCount)
  }

  mutating func graph() -> ObservedGraph {
    for rank in 0..<grid.worldSize {
      for (index, operation) in step.program(of: rank).operations.enumerated() {
        builder.add(observed(operation, on: rank), named: "r\(rank)_\(index)")
      }
    }
    for rank in 0..<grid.worldSize { addEdges(into: rank) }
    return builder.build()
  }

  private mutating func observed(_ operation: Operation, on rank: Int) -> ObservedNode {
    var node = ObservedNode(
      kind: operation.kind, pass: operation.pass, rank: rank, layer: operation.layer,
      chunk: operation.chunk, microbatch: operation.microbatch)
    switch operation.meeting {
    case .none: break
    case .send, .receive:
      node.peer = grid.rank(rank, movedToStage: operation.peer)
      if case .transfer(let bytes) = step.works[operation.work] {
        node.bytesIn = bytes.count
        node.bytesOut = bytes.count
      }
    case .collective(let family):
      let group = grid.group(family, containing: rank)
      node.family = family
      node.members = members(of: group, family: family)
      node.instance = CollectiveInstance(
        family: family, base: group.base, sequence: operation.partner)
      if case .collective(let collective) = step.works[operation.work] {
        node.operation = collective.operation
        node.bytesIn = collective.input.count
        node.bytesOut = collective.output.count
      }
    }
    return node
  }

  private mutating func members(of group: RankGroup, family: GroupFamily) -> Int {
    let known = groupIndex[Int(family.rawValue)][group.base]
    if known >= 0 { return Int(known) }
    let index = builder.group(group.map { Int32($0) }.sorted())
    groupIndex[Int(family.rawValue)][group.base] = Int32(index)
    return index
  }

  private mutating func addEdges(into rank: Int) {
    let program = step.program(of: rank)
    for (index, operation) in program.operations.enumerated() {
      let target = NodeID(firstNode[rank] + index)
      for dependency in program.dependencies(of: index) {
        builder.connect(NodeID(firstNode[rank] + Int(dependency)), to: target)
      }
      if operation.meeting == .receive {
        let sender = grid.rank(rank, movedToStage: operation.peer)
        builder.connect(NodeID(firstNode[sender] + operation.partner), to: target)
      }
    }
  }
}

import Graph

/// Turns a data flow into single operations, each with what must end before it, forward, recomputed
/// and backward.
struct FlowExpansion {
  /// One operation of one node, or one of its equal parts.
  struct Instance {
    let role: DataFlow.Role
    let pass: OperationPass
    let layer: Int?
    let chunk: Int
    let parts: Int
    var sources: [Source] = []
    /// Whether it adds to what the microbatch before has left.
    var accumulates = false
  }

  struct Source: Hashable {
    let instance: Int
    var relation = ExpectedPredecessor.Relation.path
  }

  let flow: DataFlow
  var instances: [Instance] = []
  /// For each node and part, its operations; nil where it has none.
  var forward: [[Int]] = []
  var inputGradient: [[Int]] = []
  var weightGradient: [[Int]] = []
  /// For each node and part, the last of its forwards that run again.
  var again: [[Int]] = []
  /// For each node, the node at whose backward that happens; -1 where it does not run again.
  var hook: [Int]
  /// For each node, who takes its value and passes a gradient back.
  var consumers: [[DataFlow.Input]]
  /// For each node, those whose backward fetches what its backward needs.
  var fetchers: [[Int]]

  init(of flow: DataFlow, includesBackward: Bool) {
    self.flow = flow
    consumers = Array(repeating: [], count: flow.nodes.count)
    fetchers = consumers.map { _ in [] }
    hook = consumers.map { _ in -1 }
    for (index, node) in flow.nodes.enumerated() {
      if node.carriesGradient {
        for input in node.inputs {
          consumers[input.node].append(.init(node: index, isSkip: input.isSkip))
        }
      }
      for fetched in node.fetchesFor { fetchers[fetched].append(index) }
    }
    let none = flow.nodes.map { _ in [Int]() }
    (forward, inputGradient, weightGradient, again) = (none, none, none, none)
    for node in flow.nodes.indices { expandForward(node) }
    guard includesBackward else { return }
    for node in flow.nodes.indices.reversed() { allocateBackward(node) }
    for unit in unitsInOrder { recompute(unit) }
    for node in flow.nodes.indices.reversed() { connectBackward(node) }
  }

  /// Later hooks come first, and under one hook earlier nodes.
  private var unitsInOrder: [DataFlow.Recomputed] {
    flow.recomputed.sorted { ($1.hook, $0.nodes[0]) < ($0.hook, $1.nodes[0]) }
  }

  private mutating func expandForward(_ node: Int) {
    guard let role = flow.nodes[node].forward else { return }
    for part in 0..<flow.nodes[node].parts {
      let sources = forwardSources(of: node, part: part)
      forward[node].append(append(role, .forward, of: node, after: sources, casting: true))
    }
  }

  /// Appends an operation, behind the kernels that cast its operand.
  mutating func append(
    _ role: DataFlow.Role, _ pass: OperationPass, of node: Int, after sources: [Source],
    casting: Bool
  ) -> Int {
    var sources = sources
    if casting {
      for kind in flow.nodes[node].casts {
        sources = [cast(kind, pass, of: node, after: sources)]
      }
    }
    return allocate(role, pass, of: node, after: sources)
  }

  mutating func cast(
    _ kind: OperationKind, _ pass: OperationPass, of node: Int, after sources: [Source]
  ) -> Source {
    Source(
      instance: allocate(.init(kind: kind), pass, of: node, after: sources), relation: .edge)
  }

  private mutating func allocate(
    _ role: DataFlow.Role, _ pass: OperationPass, of node: Int, after sources: [Source] = []
  ) -> Int {
    instances.append(
      Instance(
        role: role, pass: pass, layer: flow.nodes[node].layer, chunk: flow.nodes[node].chunk,
        parts: flow.nodes[node].parts, sources: sources))
    return instances.count - 1
  }

  private mutating func allocateBackward(_ node: Int) {
    for _ in 0..<flow.nodes[node].parts {
      if let role = flow.nodes[node].inputGradient {
        inputGradient[node].append(allocate(role, .inputGradient, of: node))
      }
      if let role = flow.nodes[node].weightGradient {
        weightGradient[node].append(allocate(role, .weightGradient, of: node))
      }
    }
  }
}

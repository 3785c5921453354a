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
  private(set) var instances: [Instance] = []
  /// For each node and part, its operations; nil where it has none.
  private var forward: [[Int]] = []
  private var inputGradient: [[Int]] = []
  private var weightGradient: [[Int]] = []
  /// For each node and part, the last of its forwards that run again.
  private var again: [[Int]] = []
  /// For each node, the node at whose backward that happens; -1 where it does not run again.
  private var hook: [Int]
  /// For each node, who takes its value and passes a gradient back.
  private var consumers: [[DataFlow.Input]]
  /// For each node, those whose backward fetches what its backward needs.
  private var fetchers: [[Int]]

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

  // Forward.

  private mutating func expandForward(_ node: Int) {
    guard let role = flow.nodes[node].forward else { return }
    for part in 0..<flow.nodes[node].parts {
      let sources = forwardSources(of: node, part: part)
      forward[node].append(append(role, .forward, of: node, after: sources, casting: true))
    }
  }

  /// Appends an operation, behind the kernels that cast its operand.
  private mutating func append(
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

  private mutating func cast(
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

  /// The nearest values before a node that have an operation of their own.
  private func forwardSources(of node: Int, part: Int) -> [Source] {
    nearest(flow.nodes[node].inputs, part, parts: flow.nodes[node].parts, in: { forward[$0] }) {
      flow.nodes[$0].inputs
    }
  }

  /// The nearest operations along a direction of the flow: those of a part where both sides run in
  /// parts, else all.
  private func nearest(
    _ neighbours: [DataFlow.Input], _ part: Int, parts: Int, in operations: (Int) -> [Int],
    beyond: (Int) -> [DataFlow.Input]
  ) -> [Source] {
    var sources: [Source] = []
    for neighbour in neighbours {
      let own = operations(neighbour.node).filter { !instances[$0].role.isOptional }
      var found: [Source]
      if own.isEmpty {
        found = nearest(
          beyond(neighbour.node), part, parts: parts, in: operations, beyond: beyond)
      } else if own.count == parts {
        found = [Source(instance: own[part])]
      } else {
        found = own.map { Source(instance: $0) }
      }
      if neighbour.isSkip {
        found = found.map { Source(instance: $0.instance, relation: .skip) }
      }
      for source in found where !sources.contains(source) { sources.append(source) }
    }
    return sources
  }

  // Backward.

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

  /// The nearest gradients behind a node that have an operation of their own.
  private func gradientSources(of node: Int, part: Int) -> [Source] {
    nearest(consumers[node], part, parts: flow.nodes[node].parts, in: { inputGradient[$0] }) {
      consumers[$0]
    }
  }

  private mutating func connectBackward(_ node: Int) {
    let description = flow.nodes[node]
    for part in 0..<description.parts {
      var gradients = gradientSources(of: node, part: part)
      for kind in description.casts {
        gradients = [cast(kind, .inputGradient, of: node, after: gradients)]
      }
      // What comes behind the hook has had its backward before anything runs again.
      let isRestored = !again[node].isEmpty && node <= hook[node]
      let own = isRestored ? [Source(instance: again[node][part])] : []
      if !inputGradient[node].isEmpty {
        let target = inputGradient[node][part]
        let fetched = fetchers[node].flatMap { inputGradient[$0] }
        instances[target].sources += gradients + fetched.map { Source(instance: $0) } + own
        if description.forward?.kind == .attention, own.isEmpty {
          instances[target].sources += restoredSources(of: node, part: part)
        }
        // Gradients start where the values end, unless another stage sends them.
        if gradients.isEmpty, !instances[target].role.kind.isTransfer, !forward[node].isEmpty {
          instances[target].sources.append(Source(instance: forward[node][part]))
        }
      }
      if !weightGradient[node].isEmpty {
        connectWeightGradient(node, part, after: gradients + own)
      }
    }
  }

  private mutating func connectWeightGradient(_ node: Int, _ part: Int, after sources: [Source]) {
    let target = weightGradient[node][part]
    guard flow.nodes[node].isProduct else {
      // The second gather of a saved input may start at any time, unless that is computed again.
      instances[target].sources += restoredSources(of: node, part: part)
      return
    }
    instances[target].sources += sources
    if again[node].isEmpty {
      instances[target].sources += restoredSources(of: node, part: part)
    }
    for input in flow.nodes[node].inputs where !flow.nodes[input.node].isProduct {
      let gathers = weightGradient[input.node]
      instances[target].sources +=
        (gathers.count == flow.nodes[node].parts && !gathers.isEmpty ? [gathers[part]] : gathers)
        .map { Source(instance: $0) }
    }
    instances[target].accumulates = true
  }

  // Recomputation.

  private mutating func recompute(_ unit: DataFlow.Recomputed) {
    // The framework runs the forward again when the gradient of what it made has arrived.
    let arrived = gradientSources(of: unit.hook, part: 0)
    for node in unit.nodes { (again[node], hook[node]) = ([], unit.hook) }
    for node in unit.nodes {
      guard let role = flow.nodes[node].forward else { continue }
      for part in 0..<flow.nodes[node].parts {
        let values = recomputedSources(of: node, part: part)
        again[node].append(
          append(
            role, .recompute, of: node, after: values.isEmpty ? arrived : values, casting: true))
      }
    }
  }

  /// What a node's backward takes of what is computed again before it.
  private func restoredSources(of node: Int, part: Int) -> [Source] {
    recomputedSources(of: node, part: part, from: node)
  }

  /// The nearest values before a node that are computed again; collectives in between keep nothing.
  ///
  /// - Parameter first: only those whose hook is that node or behind it.
  private func recomputedSources(of node: Int, part: Int, from first: Int = 0) -> [Source] {
    nearest(
      flow.nodes[node].inputs.map { .init(node: $0.node) }, part, parts: flow.nodes[node].parts,
      in: { hook[$0] >= first ? again[$0] : [] }
    ) { input in
      let role = flow.nodes[input].forward
      guard role == nil || role?.communication?.collective != nil else { return [] }
      return flow.nodes[input].inputs.map { .init(node: $0.node) }
    }
  }
}

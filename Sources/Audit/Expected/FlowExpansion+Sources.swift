import Graph

extension FlowExpansion {
  /// The nearest values before a node that have an operation of their own.
  func forwardSources(of node: Int, part: Int) -> [Source] {
    nearest(
      flow.nodes[node].inputs, part, parts: flow.nodes[node].parts, in: { forward[$0] },
      beyond: { flow.nodes[$0].inputs })
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

  /// The nearest gradients behind a node that have an operation of their own.
  func gradientSources(of node: Int, part: Int) -> [Source] {
    nearest(
      consumers[node], part, parts: flow.nodes[node].parts, in: { inputGradient[$0] },
      beyond: { consumers[$0] })
  }

  /// What a node's backward takes of what is computed again before it.
  func restoredSources(of node: Int, part: Int) -> [Source] {
    recomputedSources(of: node, part: part, from: node)
  }

  /// The nearest values before a node that are computed again; collectives in between keep nothing.
  ///
  /// - Parameter first: only those whose hook is that node or behind it.
  func recomputedSources(of node: Int, part: Int, from first: Int = 0) -> [Source] {
    nearest(
      flow.nodes[node].inputs.map { .init(node: $0.node) }, part, parts: flow.nodes[node].parts,
      in: { hook[$0] >= first ? again[$0] : [] },
      beyond: { input in
        let role = flow.nodes[input].forward
        guard role == nil || role?.communication?.collective != nil else { return [] }
        return flow.nodes[input].inputs.map { .init(node: $0.node) }
      })
  }
}

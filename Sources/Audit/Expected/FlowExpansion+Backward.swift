import Graph

extension FlowExpansion {
  mutating func connectBackward(_ node: Int) {
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
    // A quantized product keeps its cast operand, whatever becomes of what was cast.
    if again[node].isEmpty, flow.nodes[node].casts.isEmpty {
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

  mutating func recompute(_ unit: DataFlow.Recomputed) {
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
}

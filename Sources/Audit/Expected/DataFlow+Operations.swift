import Graph

extension DataFlow {
  /// The operations of the flow with the predecessors that follow from it; `base` is the index that
  /// the first of them will have in its program.
  func operations(includesBackward: Bool, base: Int) -> [ExpectedOperation] {
    var layout = Layout(flow: self, includesBackward: includesBackward, base: base)
    return layout.operations()
  }

  /// Where each role of each node lands in the list of operations.
  private struct Layout {
    let flow: DataFlow
    let consumers: [[DataFlow.Input]]
    var forward: [Int?] = []
    var inputGradient: [Int?] = []
    var weightGradient: [Int?] = []
    var result: [ExpectedOperation] = []
    let base: Int

    init(flow: DataFlow, includesBackward: Bool, base: Int) {
      self.flow = flow
      self.base = base
      var consumers = Array(repeating: [DataFlow.Input](), count: flow.nodes.count)
      for (index, node) in flow.nodes.enumerated() where node.carriesGradient {
        for input in node.inputs {
          consumers[input.node].append(.init(node: index, isSkip: input.isSkip))
        }
      }
      self.consumers = consumers
      for node in flow.nodes {
        forward.append(append(node.forward, .forward, of: node))
        inputGradient.append(
          append(includesBackward ? node.inputGradient : nil, .inputGradient, of: node))
        weightGradient.append(
          append(includesBackward ? node.weightGradient : nil, .weightGradient, of: node))
      }
    }

    private mutating func append(
      _ role: DataFlow.Role?, _ pass: OperationPass, of node: DataFlow.Node
    ) -> Int? {
      guard let role else { return nil }
      result.append(
        ExpectedOperation(
          kind: role.kind, pass: pass, layer: node.layer, chunk: flow.chunk, count: role.count,
          communication: role.communication))
      return result.count - 1
    }

    mutating func operations() -> [ExpectedOperation] {
      for node in flow.nodes.indices {
        if let own = forward[node] { require(forwardSources(of: node), before: own) }
        let gradients = gradientSources(of: node)
        if let own = inputGradient[node] {
          require(gradients, before: own)
          // Gradients start where the values end, unless another stage sends them.
          if gradients.isEmpty, !result[own].kind.isTransfer, let value = forward[node] {
            require([Source(operation: value)], before: own)
          }
        }
        if let own = weightGradient[node] { requireWeightGradient(own, of: node, gradients) }
      }
      return result
    }

    private mutating func requireWeightGradient(_ own: Int, of node: Int, _ gradients: [Source]) {
      // The second gather of a saved input may start at any time: nothing in the data precedes it.
      guard result[own].communication == nil else { return }
      require(gradients, before: own)
      let gathered = flow.nodes[node].inputs.compactMap { weightGradient[$0.node] }
        .filter { result[$0].communication != nil }
      require(gathered.map { Source(operation: $0) }, before: own)
      result[own].predecessors.append(
        ExpectedPredecessor(operation: base + own, isDirect: false, ofEarlierMicrobatch: true))
    }

    private mutating func require(_ sources: [Source], before own: Int) {
      for source in sources where result[source.operation].count.lowerBound > 0 {
        let predecessor = ExpectedPredecessor(
          operation: base + source.operation, isDirect: source.isSkip, ofEarlierMicrobatch: false)
        if !result[own].predecessors.contains(predecessor) {
          result[own].predecessors.append(predecessor)
        }
      }
    }

    private struct Source {
      let operation: Int
      var isSkip = false
    }

    /// The nearest values before a node that have an operation of their own.
    private func forwardSources(of node: Int) -> [Source] {
      flow.nodes[node].inputs.flatMap { input -> [Source] in
        if let operation = forward[input.node], isRequired(operation) {
          return [Source(operation: operation, isSkip: input.isSkip)]
        }
        return forwardSources(of: input.node).map {
          Source(operation: $0.operation, isSkip: $0.isSkip || input.isSkip)
        }
      }
    }

    /// The nearest gradients behind a node that have an operation of their own.
    private func gradientSources(of node: Int) -> [Source] {
      consumers[node].flatMap { consumer -> [Source] in
        if let operation = inputGradient[consumer.node], isRequired(operation) {
          return [Source(operation: operation, isSkip: consumer.isSkip)]
        }
        return gradientSources(of: consumer.node).map {
          Source(operation: $0.operation, isSkip: $0.isSkip || consumer.isSkip)
        }
      }
    }

    private func isRequired(_ operation: Int) -> Bool { result[operation].count.lowerBound > 0 }
  }
}

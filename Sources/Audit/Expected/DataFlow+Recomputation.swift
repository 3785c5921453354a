import Graph

extension DataFlow {
  /// Notes which forwards run again, of the chunk whose nodes are given.
  ///
  /// - Parameter layers: layers of the model; those of prediction modules count on.
  /// - SeeAlso: Megatron-LM, `transformer_block.py`, `transformer_layer.py`, `random.py`
  ///   (`CheckpointWithoutOutput`).
  mutating func recompute(_ choice: Recomputation, in chunk: Range<Int>, layers: Int) {
    let spans = layerSpans(in: chunk)
    let own = spans.filter { $0.layer < layers }.map(\.nodes)
    let modules = spans.filter { $0.layer >= layers }.map(\.nodes)
    switch choice {
    case .none: return
    case .uniform(let interval):
      let step = max(1, interval)
      for first in stride(from: 0, to: own.count, by: step) {
        checkpoint(own[first..<min(first + step, own.count)].flatMap(\.self))
      }
      for nodes in modules { checkpoint(nodes) }
    case .block(let count):
      for nodes in own.prefix(count) + modules { checkpoint(nodes) }
    case .selective(let chosen):
      // What a larger region computes again is not computed a third time.
      let nested: Set<RecomputedModule> =
        chosen.contains(.mixtureOfExperts) ? [.expertActivation, .sharedExperts] : []
      for span in spans {
        for module in RecomputedModule.allCases
        where chosen.contains(module) && !nested.contains(module) {
          recompute(module, in: span.nodes)
        }
      }
    }
  }

  /// The nodes of each layer, in order.
  private func layerSpans(in chunk: Range<Int>) -> [(layer: Int, nodes: [Int])] {
    var spans: [(layer: Int, nodes: [Int])] = []
    for node in chunk {
      guard let layer = nodes[node].layer else { continue }
      if spans.last?.layer == layer {
        spans[spans.count - 1].nodes.append(node)
      } else {
        spans.append((layer, [node]))
      }
    }
    return spans
  }

  /// A region of which only the input is kept: all of it runs again when its gradient arrives.
  private mutating func checkpoint(_ nodes: [Int]) {
    let present = nodes.filter { hasOperation($0) }
    guard let last = present.last else { return }
    recomputed.append(Recomputed(nodes: present, hook: last))
  }

  private func hasOperation(_ node: Int) -> Bool {
    nodes[node].forward != nil || nodes[node].inputGradient != nil
  }

  private mutating func recompute(_ module: RecomputedModule, in span: [Int]) {
    func nodes(_ kinds: Set<OperationKind>) -> [Int] {
      span.filter { self.nodes[$0].kind.map(kinds.contains) ?? false }
    }
    switch module {
    case .feedForward:
      checkpoint(
        nodes([
          .feedForwardGather, .feedForwardUp, .activation, .feedForwardDown, .feedForwardScatter,
        ]))
    case .sharedExperts: checkpoint(nodes(Self.sharedKinds))
    case .mixtureOfExperts:
      guard !nodes([.router]).isEmpty else { return }
      checkpoint(nodes(Self.routedKinds.union(Self.sharedKinds)))
    case .coreAttention:
      discard(nodes([.contextExchange, .attention]), restoredAt: nodes([.attention]).last)
    case .expertActivation:
      discard(nodes([.expertActivation]), restoredAt: nodes([.expertDown]).first)
    case .latentUpProjection:
      guard !nodes([.keyValueUp]).isEmpty else { return }
      discard(
        nodes([.queryLatentGather, .queryUp, .keyValueLatentGather, .keyValueUp, .rotary]),
        restoredAt: nodes([.attention]).last)
    case .layerNorm:
      discard(
        nodes([.attentionNorm]), restoredAt: end(nodes([.attentionScatter, .outputProjection])))
      let branch: Set<OperationKind> = [
        .feedForwardScatter, .feedForwardDown, .unpermute, .tokenCombine, .expertUnsort,
      ]
      discard(nodes([.feedForwardNorm]), restoredAt: end(nodes(branch)))
    }
  }

  /// The last of a branch that has an operation.
  private func end(_ branch: [Int]) -> Int? { branch.last { hasOperation($0) } }

  /// Nodes whose output is dropped and made again where the backward first needs it.
  private mutating func discard(_ nodes: [Int], restoredAt hook: Int?) {
    guard let hook, !nodes.isEmpty else { return }
    recomputed.append(Recomputed(nodes: nodes, hook: hook))
  }

  private static let sharedKinds: Set<OperationKind> = [
    .sharedGather, .sharedUp, .sharedActivation, .sharedDown, .sharedScatter, .sharedGate,
  ]

  private static let routedKinds: Set<OperationKind> = [
    .router, .routing, .routerCountReduce, .auxiliaryLoss, .tokenCountGather, .permute,
    .tokenDispatch, .probabilityDispatch, .expertTokenGather, .expertProbabilityGather,
    .expertSort, .expertUp, .expertActivation, .expertDown, .expertUnsort, .expertScatter,
    .tokenCombine, .unpermute,
  ]
}

extension DataFlow.Node {
  /// What its forward is, or its backward where it has no forward.
  fileprivate var kind: OperationKind? { (forward ?? inputGradient)?.kind }
}

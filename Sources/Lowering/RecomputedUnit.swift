import Graph

/// Nodes of a tape that the backward computes again, together.
struct RecomputedUnit {
  /// What the forward no longer keeps.
  enum Saving {
    /// All inside the unit: only its input stays.
    case interior
    /// What the unit puts out: those who need it take the second computation's.
    case output
    /// The statistics of the attention's softmax.
    case statistics
  }

  /// In launch order.
  let nodes: [Tape.Index]
  /// The node before whose backward the unit runs.
  let trigger: Tape.Index
  let saving: Saving
}

extension Tape {
  /// The product whose operand a node casts in the forward, or the node itself.
  fileprivate func castProduct(_ index: Index) -> Index {
    let node = nodes[index]
    guard node.kind == .quantize || node.kind == .magnitude, node.forwardWork != nil else {
      return index
    }
    return castProduct(index + 1)
  }
}

/// Which parts of a chunk's tape are recomputed.
///
/// - SeeAlso: Megatron-LM, `transformer_block.py` (`_checkpointed_forward`), `transformer_layer.py`
///   and `random.py` (`CheckpointWithoutOutput`).
struct RecomputationPolicy {
  let recomputation: Recomputation
  /// Layers of the model; those of prediction modules count on.
  let layers: Int

  /// The units of a tape, in launch order.
  func units(of tape: Tape) -> [RecomputedUnit] {
    let spans = spans(of: tape)
    let own = spans.filter { $0.layer < layers }
    let modules = spans.filter { $0.layer >= layers }.map { Array($0.nodes) }
    switch recomputation {
    case .none: return []
    case .uniform(let interval):
      let groups = stride(from: 0, to: own.count, by: max(1, interval)).map { first in
        own[first..<min(first + max(1, interval), own.count)].flatMap { Array($0.nodes) }
      }
      return (groups + modules).compactMap(region)
    case .block(let count):
      return (own.prefix(count).map { Array($0.nodes) } + modules).compactMap(region)
    case .selective(let chosen):
      let kinds = RecomputedModule.allCases.filter(chosen.contains)
      return spans.flatMap { span in
        kinds.flatMap { units(of: $0, in: span.nodes, of: tape) }
      }.sorted { $0.nodes[0] < $1.nodes[0] }
    }
  }

  /// The nodes of each layer on the tape.
  private func spans(of tape: Tape) -> [(layer: Int, nodes: Range<Int>)] {
    var spans: [(layer: Int, nodes: Range<Int>)] = []
    for (index, node) in tape.nodes.enumerated() {
      guard let layer = node.layer else { continue }
      if let known = spans.last, known.layer == layer {
        spans[spans.count - 1].nodes = known.nodes.lowerBound..<index + 1
      } else {
        spans.append((layer, index..<index + 1))
      }
    }
    return spans
  }

  /// Nodes of which only the input is kept.
  private func region(_ nodes: [Tape.Index]) -> RecomputedUnit? {
    nodes.last.map { RecomputedUnit(nodes: nodes, trigger: $0, saving: .interior) }
  }

  private func units(of module: RecomputedModule, in span: Range<Int>, of tape: Tape)
    -> [RecomputedUnit]
  {
    // A ring has several; the backward begins with the last.
    let core = span.last { tape.nodes[$0].kind == .attention }
    func nodes(_ kinds: Set<OperationKind>) -> [Tape.Index] {
      span.filter { kinds.contains(tape.nodes[tape.castProduct($0)].kind) }
    }
    func unit(_ nodes: [Tape.Index], before trigger: Tape.Index?, _ saving: RecomputedUnit.Saving)
      -> [RecomputedUnit]
    {
      guard !nodes.isEmpty, let trigger else { return [] }
      return [RecomputedUnit(nodes: nodes, trigger: trigger, saving: saving)]
    }
    switch module {
    case .coreAttention:
      return unit(nodes([.contextExchange, .attention]), before: core, .statistics)
    case .expertActivation:
      return unit(nodes([.expertActivation]), before: nodes([.expertDown]).first, .output)
    case .layerNorm:
      return unit(
        nodes([.attentionNorm]), before: branch(of: .attentionResidual, in: span, tape), .output)
        + unit(
          nodes([.feedForwardNorm]), before: branch(of: .feedForwardResidual, in: span, tape),
          .output)
    case .latentUpProjection:
      guard !nodes([.keyValueUp]).isEmpty else { return [] }
      return unit(
        nodes([.queryLatentGather, .queryUp, .keyValueLatentGather, .keyValueUp, .rotary]),
        before: core, .output)
    case .feedForward:
      return region(
        nodes([
          .feedForwardGather, .feedForwardUp, .activation, .feedForwardDown, .feedForwardScatter,
        ])
      ).map { [$0] } ?? []
    case .mixtureOfExperts: return region(expertNodes(in: span, of: tape)).map { [$0] } ?? []
    case .sharedExperts:
      return region(
        nodes([
          .sharedGather, .sharedUp, .sharedActivation, .sharedDown, .sharedScatter, .sharedGate,
        ])
      ).map { [$0] } ?? []
    }
  }

  /// Everything between the norm before a mixture of experts and the residual behind it.
  private func expertNodes(in span: Range<Int>, of tape: Tape) -> [Tape.Index] {
    guard span.contains(where: { tape.nodes[$0].kind == .router }),
      let norm = span.first(where: { tape.nodes[$0].kind == .feedForwardNorm })
    else { return [] }
    return (norm + 1..<span.upperBound).filter {
      tape.nodes[$0].kind != .feedForwardDropout && tape.nodes[$0].kind != .feedForwardResidual
    }
  }

  /// The last node of the branch that a residual adds, before dropout.
  private func branch(of residual: OperationKind, in span: Range<Int>, _ tape: Tape)
    -> Tape.Index?
  {
    guard let sum = span.first(where: { tape.nodes[$0].kind == residual }),
      let input = tape.nodes[sum].inputs.first
    else { return nil }
    let isDropout = [.attentionDropout, .feedForwardDropout].contains(tape.nodes[input].kind)
    return isDropout ? tape.nodes[input].inputs.first : input
  }
}

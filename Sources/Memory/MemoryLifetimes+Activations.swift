import Graph
import Units

extension MemoryLifetimes {
  /// Holds what forward passes keep for backward passes, and what backward passes compute again.
  ///
  /// A tensor is kept from the end of the operation that first reads it (until then it is that
  /// operation's input, held as somebody's output) until its last backward ends: the input gradient,
  /// or the weight gradient where that reads it.
  mutating func holdActivations(
    of program: StageProgram, times: OperationTimes, index: OperationIndex,
    configuration: StepConfiguration
  ) {
    let storage = program.storage
    let kept = storage.activations + storage.recomputed
    let places =
      kept.map { index($0.owner, layer: $0.layer, chunk: $0.chunk) }
      + kept.map { index($0.owner.weightReader, layer: $0.layer, chunk: $0.chunk) }
    let uses = ActivationUses(
      of: program, times: times, index: index, places: places,
      microbatches: configuration.microbatches)
    for activation in storage.activations {
      let readers = uses(
        index(activation.owner.weightReader, layer: activation.layer, chunk: activation.chunk))
      let own = uses(index(activation.owner, layer: activation.layer, chunk: activation.chunk))
      for (use, reader) in zip(own, readers) where use.isWhole {
        var start = use.forwardEnd
        var end = use.lastInputGradient
        if activation.isKeptForWeightGradient { end = max(use.backwardEnd, reader.backwardEnd) }
        if activation.owner == .loss {
          // In place, the logits are what is kept, and become the gradient that the head reads.
          let isInPlace = configuration.fusesCrossEntropy
          start = isInPlace ? reader.forwardStart : reader.forwardEnd
          if isInPlace { end = max(end, reader.backwardEnd) }
        }
        hold(
          activation.bytes.count, by: MemoryOwner(ofActivationsOf: activation.owner),
          from: start, to: end)
      }
    }
    holdRecomputed(storage.recomputed, uses: uses, index: index)
  }

  private mutating func holdRecomputed(
    _ recomputed: [SavedActivation], uses: ActivationUses, index: OperationIndex
  ) {
    for activation in recomputed {
      let readers = uses(
        index(activation.owner.weightReader, layer: activation.layer, chunk: activation.chunk))
      let own = uses(index(activation.owner, layer: activation.layer, chunk: activation.chunk))
      for (use, reader) in zip(own, readers) where use.isWhole {
        hold(
          activation.bytes.count, by: MemoryOwner(ofActivationsOf: activation.owner),
          from: min(use.recomputeEnd, use.gradientStart),
          to: max(use.backwardEnd, reader.backwardEnd))
      }
    }
  }
}

extension OperationKind {
  /// Whose weight gradient reads what an operation keeps: the product behind attention reads its
  /// output; the loss leaves the gradient of the logits where the logits were, for the head.
  fileprivate var weightReader: OperationKind {
    switch self {
    case .attention: .outputProjection
    case .loss: .head
    default: self
    }
  }
}

import Graph

/// The parts of a layer that are issued in turns when the forward of one microbatch runs together
/// with the backward of another.
///
/// In the backward they come in the order combine, experts, dispatch, attention; in the forward in
/// the opposite one.
/// - SeeAlso: Megatron-LM, `megatron/core/models/common/model_chunk_schedule_plan.py`.
enum LayerPart: Int, CaseIterable {
  // Forward
  /// Attention, norm, router and permutation (`pre_dispatch`).
  case attention
  case dispatch
  /// Experts, shared experts or a dense block, with their collectives (`mlp`).
  case feedForward
  case combine
  /// What adds the combined rows to the stream. Megatron runs it behind the exchange on the
  /// communication stream; here it is a kernel, issued when the exchange had its cover.
  case addition
  // Backward
  /// The backward of the addition and of the combine.
  case combineBackward
  case feedForwardInputs
  case feedForwardWeights
  case dispatchBackward
  case attentionInputs
  case attentionWeights

  static let count = allCases.count

  /// - Parameter dispatcher: how tokens reach their experts; one that gathers them permutes behind the
  ///   dispatch and before the combine.
  init(of operation: Operation, under dispatcher: ExpertDispatcher = .allToAll) {
    let isBetween =
      dispatcher == .allGather && (operation.kind == .permute || operation.kind == .unpermute)
    let forward = isBetween ? .feedForward : LayerPart(of: operation.kind)
    switch (forward, operation.pass) {
    case (_, .forward): self = forward
    case (.combine, _), (.addition, _): self = .combineBackward
    case (.dispatch, _): self = .dispatchBackward
    // A norm that runs again gives the products behind it their operand.
    case (.attention, .recompute) where operation.kind == .feedForwardNorm:
      self = .feedForwardInputs
    case (.attention, .weightGradient): self = .attentionWeights
    case (.attention, _): self = .attentionInputs
    case (_, .weightGradient): self = .feedForwardWeights
    default: self = .feedForwardInputs
    }
  }

  private init(of kind: OperationKind) {
    switch kind {
    case .tokenDispatch, .probabilityDispatch: self = .dispatch
    case .tokenCombine: self = .combine
    case .unpermute, .feedForwardDropout, .feedForwardResidual: self = .addition
    case .feedForwardGather, .feedForwardUp, .activation, .feedForwardDown, .feedForwardScatter,
      .expertTokenGather, .expertProbabilityGather, .expertSort, .expertUp, .expertActivation,
      .expertDown, .expertUnsort, .expertScatter, .sharedGather, .sharedUp, .sharedActivation,
      .sharedDown, .sharedScatter, .sharedGate:
      self = .feedForward
    default: self = .attention
    }
  }
}

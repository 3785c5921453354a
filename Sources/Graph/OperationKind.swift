/// What an operation is, in the field's terms; with its `Pass` it names a node of the DAG.
///
/// A communication kind names the forward collective. Its backward is the dual: the
/// `.inputGradient` of a gather is a reduce-scatter, of a scatter an all-gather, of an all-to-all
/// an all-to-all. The `.weightGradient` of a gather is the second gather of the saved shard.
public enum OperationKind: UInt8, Hashable, Sendable, CaseIterable {
  // Embedding
  case embeddingLookup, embeddingScatter, embeddingDropout
  // Attention
  case attentionNorm, attentionGather, queryKeyValue, queryNorm, keyNorm, rotary, attention
  case outputProjection, attentionScatter, attentionDropout, attentionResidual
  // Multi-head latent attention: projections through the latents
  case queryDown, queryLatentNorm, queryLatentGather, queryUp
  case keyValueDown, keyValueLatentNorm, keyValueLatentGather, keyValueUp
  // Its absorbed form in decode: queries enter the latent space, outputs leave it
  case queryToLatent, latentToValue
  // Context parallelism
  case contextExchange
  // Feed-forward: the norm and residual are those of the mixture of experts too
  case feedForwardNorm, feedForwardGather, feedForwardUp, activation, feedForwardDown
  case feedForwardScatter, feedForwardDropout, feedForwardResidual
  // Mixture of experts
  case router, routing, routerCountReduce, auxiliaryLoss, tokenCountGather, permute
  case tokenDispatch, probabilityDispatch, expertTokenGather, expertProbabilityGather, expertSort
  case expertUp, expertActivation, expertDown, expertUnsort, expertScatter
  case tokenCombine, unpermute
  // Shared experts
  case sharedGather, sharedUp, sharedActivation, sharedDown, sharedScatter, sharedGate
  // Head and loss
  case finalNorm, headGather, head, logitMaximum, logitMaximumReduce, exponential
  case predictedLogitReduce, exponentialSumReduce, loss, sampling
  // Reduced precision: the largest magnitude of a tensor, and its cast with scales
  case magnitude, quantize
  // Activations that wait on the host
  case activationOffload, activationReload
  // Multi-token prediction: the norms of the next token's embedding and of the hidden state, and the
  // projection of both to one
  case predictionTokenNorm, predictionStateNorm, predictionGather, predictionProjection
  case predictionAssembly
  // Pipeline
  case sendActivation, receiveActivation, sendGradient, receiveGradient
  // End of step
  case gradientReduce, expertGradientReduce, sequenceGradientReduce, embeddingGradientReduce
  case gradientNormReduce, optimizer, parameterGather, expertParameterGather
  case gradientOffload, hostOptimizer, parameterReload
  case successFlagReduce, gradientNormFlagReduce, lossReportReduce

  /// The name in files and reports, in snake case: `query_key_value`.
  public var label: String { Self.labels[Int(rawValue)] }

  /// The kind with a given label.
  public init?(label: String) {
    guard let kind = Self.byLabel[label] else { return nil }
    self = kind
  }

  private static let labels: [String] = allCases.map { kind in
    String(describing: kind).reduce(into: "") { text, letter in
      if letter.isUppercase { text.append("_") }
      text.append(contentsOf: letter.lowercased())
    }
  }

  private static let byLabel = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.label, $0) })
}

/// Which part of the step an operation belongs to.
public enum OperationPass: UInt8, Hashable, Sendable, CaseIterable {
  case forward
  /// A forward operation run again before the backward that needs its result.
  case recompute
  /// The gradient with respect to inputs (dgrad), and every backward that has no weights.
  case inputGradient
  /// The gradient with respect to weights (wgrad).
  case weightGradient
  /// Once per step: gradient synchronization, optimizer, parameter gathers.
  case step

  /// The name in files and reports.
  public var label: String {
    switch self {
    case .forward: "forward"
    case .recompute: "recompute"
    case .inputGradient: "input_gradient"
    case .weightGradient: "weight_gradient"
    case .step: "step"
    }
  }
}

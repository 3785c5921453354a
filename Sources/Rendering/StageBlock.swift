import Graph

/// The parts of a step that a stage picture shows as one node.
///
/// Declared in the order of the forward, which the backward runs through in reverse.
enum StageBlock: Int, CaseIterable {
  case entry, embedding, attention, feedForward, router, sharedExperts, dispatch, experts, combine
  case head, loss, exit, parameters, gradients, optimizer

  /// - Parameter isRouted: whether the operation's layer is a mixture of experts, whose router comes
  ///   with the norm and whose combination with the residual.
  init(_ kind: OperationKind, isRouted: Bool) {
    switch kind {
    case .receiveActivation, .sendGradient: self = .entry
    case .sendActivation, .receiveGradient: self = .exit
    case .feedForwardNorm where isRouted: self = .router
    case .feedForwardResidual where isRouted, .feedForwardDropout where isRouted: self = .combine
    case .embeddingLookup, .embeddingScatter, .embeddingDropout: self = .embedding
    case .feedForwardNorm, .feedForwardGather, .feedForwardUp, .activation, .feedForwardDown,
      .feedForwardScatter, .feedForwardDropout, .feedForwardResidual:
      self = .feedForward
    case .router, .routing, .routerCountReduce, .auxiliaryLoss, .tokenCountGather: self = .router
    case .permute, .tokenDispatch, .probabilityDispatch, .expertTokenGather,
      .expertProbabilityGather, .expertSort:
      self = .dispatch
    case .expertUp, .expertActivation, .expertDown: self = .experts
    case .expertUnsort, .expertScatter, .tokenCombine, .unpermute: self = .combine
    case .sharedGather, .sharedUp, .sharedActivation, .sharedDown, .sharedScatter, .sharedGate:
      self = .sharedExperts
    case .finalNorm, .headGather, .head, .sampling: self = .head
    case .logitMaximum, .logitMaximumReduce, .exponential, .predictedLogitReduce,
      .exponentialSumReduce, .loss, .lossReportReduce:
      self = .loss
    case .gradientReduce, .expertGradientReduce, .sequenceGradientReduce,
      .embeddingGradientReduce:
      self = .gradients
    case .gradientNormReduce, .optimizer, .successFlagReduce, .gradientNormFlagReduce:
      self = .optimizer
    case .parameterGather, .expertParameterGather: self = .parameters
    default: self = .attention
    }
  }

  var title: String {
    switch self {
    case .entry: "From or to the stage before"
    case .embedding: "Embedding"
    case .attention: "Attention"
    case .feedForward: "Feed-forward"
    case .router: "Router"
    case .dispatch: "Dispatch"
    case .experts: "Experts"
    case .combine: "Combine"
    case .sharedExperts: "Shared experts"
    case .head: "Head"
    case .loss: "Loss"
    case .exit: "To or from the next stage"
    case .gradients: "Gradient reduction"
    case .optimizer: "Optimizer"
    case .parameters: "Parameter gather"
    }
  }
}

import Graph

/// The parts of a step that a stage picture shows as one node.
enum StageBlock: Int, CaseIterable {
  case receive, embedding, attention, feedForward, router, dispatch, experts, combine
  case sharedExperts, head, loss, send, gradients, optimizer, parameters

  init(_ kind: OperationKind) {
    switch kind {
    case .receiveActivation, .receiveGradient: self = .receive
    case .sendActivation, .sendGradient: self = .send
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
    case .receive: "Receive"
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
    case .send: "Send"
    case .gradients: "Gradient reduction"
    case .optimizer: "Optimizer"
    case .parameters: "Parameter gather"
    }
  }
}

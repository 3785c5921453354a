import Graph

extension OperationKind {
  /// What people call it.
  var phrase: String {
    switch self {
    case .queryKeyValue: "QKV projection"
    case .queryNorm: "query norm"
    case .keyNorm: "key norm"
    case .rotary: "rotary position embedding"
    case .attention: "core attention"
    case .outputProjection: "attention output projection"
    case .attentionNorm: "layer normalization before attention"
    case .feedForwardNorm: "layer normalization after attention"
    case .attentionResidual: "residual connection around attention"
    case .feedForwardResidual: "residual connection around the feed-forward block"
    case .feedForwardUp: "feed-forward up projection (FFN)"
    case .queryToLatent: "projection of queries into the key-value latent"
    case .latentToValue: "projection of attention outputs out of the key-value latent"
    case .activation: "feed-forward activation"
    case .feedForwardDown: "feed-forward down projection (FFN)"
    case .expertUp: "expert up projection (expert FFN)"
    case .expertActivation: "expert activation"
    case .expertDown: "expert down projection (expert FFN)"
    case .router: "router (gating) projection"
    case .tokenDispatch: "all-to-all dispatch of tokens"
    case .tokenCombine: "all-to-all combine of tokens"
    case .finalNorm: "final layer normalization"
    case .head: "output projection to the vocabulary (head)"
    case .embeddingLookup: "token embedding"
    case .gradientReduce: "data-parallel gradient synchronization"
    case .expertGradientReduce: "expert-data-parallel gradient synchronization"
    case .loss: "loss"
    case .quantize: "cast to reduced precision (quantization)"
    case .magnitude: "search for the largest magnitude of a tensor"
    case .contextExchange: "context-parallel exchange of keys and values or heads"
    case .activationOffload: "copy of saved activations to the host"
    case .activationReload: "copy of saved activations back from the host"
    case .gradientOffload: "copy of gradients to the host"
    case .hostOptimizer: "optimizer on the host"
    case .parameterReload: "copy of updated parameters from the host"
    case .parameterGather: "gather of sharded parameters"
    case .expertParameterGather: "gather of sharded expert parameters"
    case .predictionProjection: "projection of a multi-token-prediction module"
    default: label.split(separator: "_").joined(separator: " ")
    }
  }

  /// The chapter that speaks about its absence.
  var family: FindingFamily {
    switch self {
    case .attentionNorm, .queryKeyValue, .queryNorm, .keyNorm, .rotary, .attention,
      .outputProjection, .attentionDropout, .attentionResidual, .queryDown, .queryLatentNorm,
      .queryUp, .keyValueDown, .keyValueLatentNorm, .keyValueUp, .queryToLatent, .latentToValue,
      .feedForwardNorm:
      .attention
    default: isCommunication ? .communication : .components
    }
  }

  /// Whether it meets another rank.
  var isCommunication: Bool { isCollective || isTransfer }

  /// Whether it is a send or a receive.
  var isTransfer: Bool { isSend || isReceive }

  var isSend: Bool { self == .sendActivation || self == .sendGradient }

  var isReceive: Bool { self == .receiveActivation || self == .receiveGradient }

  /// Whether it is a matrix product of the model, one of the hard counts.
  var isMatrixProduct: Bool {
    switch self {
    case .queryKeyValue, .outputProjection, .router, .expertUp, .expertDown, .feedForwardUp,
      .feedForwardDown, .sharedUp, .sharedDown, .queryDown, .queryUp, .keyValueDown, .keyValueUp,
      .queryToLatent, .latentToValue, .head, .predictionProjection:
      true
    default: false
    }
  }

  /// Whether all members of a group execute it together.
  var isCollective: Bool {
    switch self {
    case .embeddingScatter, .attentionGather, .attentionScatter, .queryLatentGather,
      .keyValueLatentGather, .contextExchange, .feedForwardGather, .feedForwardScatter,
      .routerCountReduce, .tokenCountGather, .tokenDispatch, .probabilityDispatch,
      .expertTokenGather, .expertProbabilityGather, .expertScatter, .tokenCombine, .sharedGather,
      .predictionGather, .predictionAssembly,
      .sharedScatter, .headGather, .logitMaximumReduce, .predictedLogitReduce,
      .exponentialSumReduce, .gradientReduce, .expertGradientReduce, .sequenceGradientReduce,
      .embeddingGradientReduce, .gradientNormReduce, .parameterGather, .expertParameterGather,
      .successFlagReduce, .gradientNormFlagReduce, .lossReportReduce:
      true
    default: false
    }
  }

  /// Whether it belongs to the end of the step.
  var isOfStep: Bool { rawValue >= OperationKind.gradientReduce.rawValue }

  /// What to add where the kind is nowhere in the DAG.
  var action: CorrectiveAction {
    switch self {
    case .outputProjection:
      .node("Attention Output Projection", "the row-parallel projection behind core attention")
    case .attentionResidual, .feedForwardResidual:
      .node("Residual Connections", "the skip connections around attention and feed-forward")
    case .attentionNorm, .feedForwardNorm, .queryNorm, .keyNorm:
      .node("Layer Normalization", "the norms of every layer, before attention and after it")
    case .feedForwardUp, .activation, .feedForwardDown:
      .node("Feed-Forward Network", "up projection, activation and down projection of every layer")
    case .router, .routing, .auxiliaryLoss, .permute, .unpermute:
      .node("Expert Routing", "router, choice of experts, permutation of tokens and its inverse")
    case .expertUp, .expertActivation, .expertDown, .expertSort, .expertUnsort:
      .node(
        "Expert Feed-Forward Network",
        "up projection, activation and down projection of the experts in every layer")
    case .finalNorm: .node("Final Layer Norm", "the normalization before the output head")
    case .head: .node("Output Head", "the final projection to the vocabulary")
    case .loss, .logitMaximum, .exponential:
      .node("Loss", "the cross-entropy over the vocabulary")
    case .queryKeyValue, .rotary, .attention:
      .node("Attention Core", "the flow from the QKV projection to core attention")
    case .embeddingLookup: .node("Token Embedding", "the lookup that feeds the first layer")
    case .optimizer: .node("Optimizer", "the update that ends the step")
    case .tokenDispatch, .probabilityDispatch, .tokenCombine:
      .communication("Expert All-to-All", "complete dispatch and combine operations over EP")
    case .gradientReduce, .expertGradientReduce, .sequenceGradientReduce, .embeddingGradientReduce,
      .gradientNormReduce, .parameterGather, .expertParameterGather:
      .communication(
        "Gradient Synchronization", "the reductions and gathers that end a training step")
    case .sendActivation, .receiveActivation, .sendGradient, .receiveGradient:
      .communication(
        "Pipeline Transfers", "a send and a receive per stage boundary, microbatch and rank")
    default:
      isCommunication
        ? .communication("Collectives of the Plan", "every collective with its group and its bytes")
        : .node("Complete Layers", "every submodule of every layer")
    }
  }
}

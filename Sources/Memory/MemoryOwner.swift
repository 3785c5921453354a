public import Graph

/// Who holds memory of a rank: the classes that reports and pictures tell apart.
public enum MemoryOwner: UInt8, Hashable, Sendable, CaseIterable {
  /// Weights in the format of the step; under ZeRO-3 the rank's shards.
  case parameters
  /// Whole layers that ZeRO-3 has gathered.
  case gatheredParameters
  /// The fp32 main gradients, and what ZeRO-2 and 3 have not yet reduced.
  case gradients
  /// Stand-ins that TransformerEngine returns for weight gradients already added to the main ones.
  case gradientPlaceholders
  /// Master weights and two Adam moments.
  case optimizer
  case keyValueCache
  // What forward passes keep for backward passes, by the operation that keeps it.
  case norms
  case attention
  case feedForward
  case experts
  case router
  /// The head's input, logits and loss, and the tokens of the embedding.
  case logits
  /// Outputs of collectives and messages until they are read, and copies to and from the host.
  case communication
  /// Outputs of kernels until they are read: gradients on their way through a layer, mostly.
  case workspace
  /// What the allocator cannot use between what comes and goes.
  case fragmentation
  /// What a serving stack keeps for itself.
  case reserve

  /// The name in reports and files.
  public var label: String {
    switch self {
    case .parameters: "parameters"
    case .gatheredParameters: "gathered parameters"
    case .gradients: "gradients"
    case .gradientPlaceholders: "gradient placeholders"
    case .optimizer: "optimizer"
    case .keyValueCache: "KV cache"
    case .norms: "norms"
    case .attention: "attention"
    case .feedForward: "feed-forward"
    case .experts: "experts"
    case .router: "router"
    case .logits: "logits and loss"
    case .communication: "communication buffers"
    case .workspace: "workspace"
    case .fragmentation: "fragmentation"
    case .reserve: "serving runtime"
    }
  }

  /// Whether it belongs to the activations kept between passes.
  public var isActivation: Bool {
    switch self {
    case .norms, .attention, .feedForward, .experts, .router, .logits: true
    default: false
    }
  }

  /// Whether it is allocated and freed within a step, so that holes arise in the allocator.
  public var comesAndGoes: Bool {
    isActivation || [.gatheredParameters, .communication, .workspace].contains(self)
  }

  /// The owner of what an operation keeps for its backward.
  public init(ofActivationsOf kind: OperationKind) {
    switch kind {
    case .attentionNorm, .feedForwardNorm, .queryNorm, .keyNorm, .queryLatentNorm,
      .keyValueLatentNorm, .finalNorm, .predictionTokenNorm, .predictionStateNorm:
      self = .norms
    case .feedForwardGather, .feedForwardUp, .activation, .feedForwardDown, .feedForwardScatter,
      .feedForwardDropout, .feedForwardResidual, .sharedGather, .sharedUp, .sharedActivation,
      .sharedDown, .sharedScatter, .sharedGate:
      self = .feedForward
    case .router, .routing, .routerCountReduce, .auxiliaryLoss, .tokenCountGather: self = .router
    case .permute, .tokenDispatch, .probabilityDispatch, .expertTokenGather,
      .expertProbabilityGather, .expertSort, .expertUp, .expertActivation, .expertDown,
      .expertUnsort, .expertScatter, .tokenCombine, .unpermute:
      self = .experts
    case .headGather, .head, .logitMaximum, .logitMaximumReduce, .exponential,
      .predictedLogitReduce, .exponentialSumReduce, .loss, .sampling, .embeddingLookup,
      .embeddingScatter, .embeddingDropout, .predictionGather, .predictionProjection,
      .predictionAssembly:
      self = .logits
    default: self = .attention
    }
  }
}

/// The feed-forward block of one layer.
public enum FeedForward: Hashable, Sendable {
  case dense(DenseFeedForward)
  case experts(MixtureOfExperts)
}

/// Two or three matrices around an activation.
public struct DenseFeedForward: Hashable, Sendable {
  public var intermediateSize: Int
  /// Whether a gate matrix multiplies the activation (SwiGLU): three matrices instead of two.
  public var isGated: Bool
  public var hasBias: Bool

  public init(intermediateSize: Int, isGated: Bool, hasBias: Bool = false) {
    self.intermediateSize = intermediateSize
    self.isGated = isGated
    self.hasBias = hasBias
  }
}

/// A router and the experts it chooses from.
public struct MixtureOfExperts: Hashable, Sendable {
  public var experts: Int
  /// Experts that each token visits.
  public var topK: Int
  /// Width of one routed expert.
  public var intermediateSize: Int
  /// Total width of the experts that every token visits; 0 where there are none.
  public var sharedIntermediateSize: Int
  /// Whether a learned gate scales the shared expert's output (Qwen2-MoE).
  public var hasSharedExpertGate: Bool
  public var isGated: Bool
  /// Whether each expert's matrices have biases.
  public var hasExpertBias: Bool
  /// Whether the router's projection has a bias.
  public var hasRouterBias: Bool
  /// Whether a correction bias steers the choice of experts without a gradient (DeepSeek-V3).
  public var hasCorrectionBias: Bool
  /// Whether training adds a load-balancing loss.
  public var hasAuxiliaryLoss: Bool

  public init(
    experts: Int, topK: Int, intermediateSize: Int, sharedIntermediateSize: Int = 0,
    hasSharedExpertGate: Bool = false, isGated: Bool = true, hasExpertBias: Bool = false,
    hasRouterBias: Bool = false, hasCorrectionBias: Bool = false, hasAuxiliaryLoss: Bool = true
  ) {
    self.experts = experts
    self.topK = topK
    self.intermediateSize = intermediateSize
    self.sharedIntermediateSize = sharedIntermediateSize
    self.hasSharedExpertGate = hasSharedExpertGate
    self.isGated = isGated
    self.hasExpertBias = hasExpertBias
    self.hasRouterBias = hasRouterBias
    self.hasCorrectionBias = hasCorrectionBias
    self.hasAuxiliaryLoss = hasAuxiliaryLoss
  }
}

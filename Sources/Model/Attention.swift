/// The attention of one layer.
public enum Attention: Hashable, Sendable {
  /// Multi-head, grouped-query and multi-query attention.
  case groupedQuery(GroupedQueryAttention)
  /// Multi-head latent attention (DeepSeek-V2 and later).
  case latent(LatentAttention)

  /// Query heads.
  public var heads: Int {
    switch self {
    case .groupedQuery(let attention): attention.heads
    case .latent(let attention): attention.heads
    }
  }
}

/// Attention whose query heads share key and value heads in groups.
public struct GroupedQueryAttention: Hashable, Sendable {
  public var heads: Int
  public var keyValueHeads: Int
  public var headDimension: Int
  /// Whether queries and keys are normalized per head.
  public var hasQueryKeyNorm: Bool
  /// Whether the query, key and value projections have biases.
  public var hasProjectionBias: Bool
  /// Whether the output projection has a bias.
  public var hasOutputBias: Bool
  /// How many positions back a token sees; nil means all.
  public var slidingWindow: Int?
  /// Whether each head learns a sink, one more logit in its softmax.
  public var hasSinks: Bool

  public init(
    heads: Int, keyValueHeads: Int, headDimension: Int, hasQueryKeyNorm: Bool = false,
    hasProjectionBias: Bool = false, hasOutputBias: Bool = false, slidingWindow: Int? = nil,
    hasSinks: Bool = false
  ) {
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headDimension = headDimension
    self.hasQueryKeyNorm = hasQueryKeyNorm
    self.hasProjectionBias = hasProjectionBias
    self.hasOutputBias = hasOutputBias
    self.slidingWindow = slidingWindow
    self.hasSinks = hasSinks
  }
}

/// Attention whose queries, keys and values pass through low-rank latents.
public struct LatentAttention: Hashable, Sendable {
  public var heads: Int
  /// Rank of the query latent; nil where queries are projected directly.
  public var queryRank: Int?
  /// Rank of the shared key and value latent, what the KV cache keeps (with the rotary key).
  public var keyValueRank: Int
  /// Head dimension without position.
  public var nopeHeadDimension: Int
  /// Head dimension that is rotated, shared by all key heads.
  public var ropeHeadDimension: Int
  public var valueHeadDimension: Int

  public init(
    heads: Int, queryRank: Int?, keyValueRank: Int, nopeHeadDimension: Int, ropeHeadDimension: Int,
    valueHeadDimension: Int
  ) {
    self.heads = heads
    self.queryRank = queryRank
    self.keyValueRank = keyValueRank
    self.nopeHeadDimension = nopeHeadDimension
    self.ropeHeadDimension = ropeHeadDimension
    self.valueHeadDimension = valueHeadDimension
  }

  /// Elements of one query or key head.
  public var queryHeadDimension: Int { nopeHeadDimension + ropeHeadDimension }
}

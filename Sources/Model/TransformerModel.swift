/// The architecture of a decoder-only transformer: what is computed, never on what or how split.
///
/// Layers are listed one by one, so mixtures (first layers dense, windows on every other layer) need
/// no special cases.
public struct TransformerModel: Hashable, Sendable {
  /// The name that reports print, for example `qwen3-30b-a3b`.
  public var name: String
  /// The Hugging Face architecture family, for example `qwen3_moe`.
  public var family: String
  /// Width of the residual stream, in elements.
  public var hiddenSize: Int
  /// Rows of the embedding table, before any padding.
  public var vocabularySize: Int
  /// Longest sequence that the positions cover.
  public var maximumPositions: Int
  public var positions: PositionEncoding
  public var normalization: Normalization
  /// Whether training applies dropout after attention, feed-forward and embedding.
  public var hasDropout: Bool
  /// Whether the output head is the embedding table.
  public var tiesEmbeddings: Bool
  /// The decoder layers, in order.
  public var layers: [TransformerLayer]
  /// Multi-token-prediction modules behind the main model, each one more layer and head pass.
  public var multiTokenPredictionLayers: Int

  public init(
    name: String, family: String, hiddenSize: Int, vocabularySize: Int, maximumPositions: Int,
    positions: PositionEncoding = .rotary, normalization: Normalization = .rms,
    hasDropout: Bool = false, tiesEmbeddings: Bool = false, layers: [TransformerLayer],
    multiTokenPredictionLayers: Int = 0
  ) {
    self.name = name
    self.family = family
    self.hiddenSize = hiddenSize
    self.vocabularySize = vocabularySize
    self.maximumPositions = maximumPositions
    self.positions = positions
    self.normalization = normalization
    self.hasDropout = hasDropout
    self.tiesEmbeddings = tiesEmbeddings
    self.layers = layers
    self.multiTokenPredictionLayers = multiTokenPredictionLayers
  }
}

/// How a token's position enters.
public enum PositionEncoding: Hashable, Sendable {
  /// Rotation of query and key heads.
  case rotary
  /// A learned table of `maximumPositions` rows added to the embedding.
  case learned
}

/// What normalizes the residual stream.
public enum Normalization: Hashable, Sendable {
  /// Root mean square: one weight per element.
  case rms
  /// Mean and variance: one weight and one bias per element.
  case layer
}

/// One decoder layer.
public struct TransformerLayer: Hashable, Sendable {
  public var attention: Attention
  public var feedForward: FeedForward

  public init(attention: Attention, feedForward: FeedForward) {
    self.attention = attention
    self.feedForward = feedForward
  }
}

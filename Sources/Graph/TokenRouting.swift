public import Units

/// What fused expert kernels (DeepEP) exchange, from which they decide which copies cross which links.
public struct TokenRouting: Hashable, Sendable {
  /// Tokens to their experts, or expert outputs back.
  public enum Direction: Hashable, Sendable, CaseIterable {
    case dispatch
    case combine

    /// The exchange of the gradients.
    public var reversed: Direction { self == .dispatch ? .combine : .dispatch }
  }

  public let direction: Direction
  /// Tokens of one rank.
  public let tokens: Int
  /// Elements of one token.
  public let hidden: Int
  /// Ranks that a token's experts ask for, counted once per expert.
  public let topK: Int
  /// Format on the wire.
  public let format: NumericFormat

  public init(
    _ direction: Direction, tokens: Int, hidden: Int, topK: Int, format: NumericFormat
  ) {
    self.direction = direction
    self.tokens = tokens
    self.hidden = hidden
    self.topK = topK
    self.format = format
  }

  /// The exchange that carries the gradients of this one.
  public var reversed: TokenRouting {
    TokenRouting(direction.reversed, tokens: tokens, hidden: hidden, topK: topK, format: format)
  }
}

public import Graph
public import Units

/// The exchange of tokens between data-parallel attention and expert-parallel experts, as DeepEP's
/// fused kernels run it.
public struct ExpertExchange: Hashable, Sendable {
  /// Tokens to their experts, or expert outputs back.
  public typealias Direction = TokenRouting.Direction

  public let direction: Direction
  /// Tokens of one rank.
  public let tokens: Int
  /// Elements of one token.
  public let hidden: Int
  /// Experts of one token.
  public let topK: Int
  /// Format on the wire: 8 bits come with one scale per 128 elements.
  public let format: NumericFormat
  /// Members of the expert group.
  public let ranks: Int
  /// NVLink domains that the group spans.
  public let nodes: Int

  /// - Precondition: every count is at least 1 and there are no more nodes than ranks.
  public init(
    _ direction: Direction, tokens: Int, hidden: Int, topK: Int, format: NumericFormat, ranks: Int,
    nodes: Int
  ) {
    precondition(
      min(tokens, hidden, topK, nodes) >= 1 && ranks >= nodes, "an exchange needs tokens and ranks")
    self.direction = direction
    self.tokens = tokens
    self.hidden = hidden
    self.topK = topK
    self.format = format
    self.ranks = ranks
    self.nodes = nodes
  }

  /// The exchange of a step graph on a group of ranks; empty ones count as one token.
  public init(_ routing: TokenRouting, placement: GroupPlacement) {
    self.init(
      routing.direction, tokens: max(1, routing.tokens), hidden: routing.hidden,
      topK: routing.topK, format: routing.format, ranks: placement.ranks, nodes: placement.nodes)
  }

  /// Bytes of one token: its elements, and the scales of 8-bit ones.
  public var bytesPerToken: Int {
    hidden * format.width + (format == .fp8 ? 4 * ((hidden + 127) / 128) : 0)
  }
}

/// How many of `count` equal bins so many uniform picks are expected to hit.
///
///     D(m) = m (1 − (1 − 1/m)^k)
func expectedDestinations(picks: Int, among count: Int) -> Double {
  let bins = Double(count)
  return bins * (1 - power(1 - 1 / bins, Double(picks)))
}

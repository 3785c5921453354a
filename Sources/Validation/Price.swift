public import Units

/// A predicted time, with the named terms that make it up.
public struct Price: Hashable, Sendable {
  /// One part of a price.
  public struct Term: Hashable, Sendable {
    /// What it is, for example `memory traffic`.
    public let name: String
    public let time: Seconds

    public init(_ name: String, _ time: Seconds) {
      self.name = name
      self.time = time
    }
  }

  /// From start to end.
  public let time: Seconds
  /// Terms of the formula. They overlap, so that their sum may exceed the time.
  public let terms: [Term]
  /// What the library would run, for example `ring LL128, 24 channels` or `256 × 128 tiles`.
  public let choice: String?
  /// Relative distance to the bounds that hold four of five measurements of the family.
  public let spread: Double

  public init(time: Seconds, terms: [Term], choice: String? = nil, spread: Double) {
    self.time = time
    self.terms = terms
    self.choice = choice
    self.spread = spread
  }

  /// The 10th percentile of what would be measured.
  public var low: Seconds { (1 / (1 + spread)) * time }
  /// The 90th percentile of what would be measured.
  public var high: Seconds { (1 + spread) * time }
}

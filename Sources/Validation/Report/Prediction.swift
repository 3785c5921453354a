public import Units

/// One measured row and what was predicted for it.
public struct Prediction: Hashable, Sendable {
  public let id: String
  public let measured: Seconds
  public let predicted: Seconds
  /// The 10th percentile of what would be measured.
  public let low: Seconds
  /// The 90th percentile of what would be measured.
  public let high: Seconds
  /// Who published the row.
  public let source: String
  /// The GPU.
  public let hardware: String
  /// The model of a step, the operation of a kernel or collective.
  public let family: String
  public let precision: String
  /// Rows that differ in the plan only share it: same model, machine, batch and release. Nil where
  /// there are no plans to rank.
  public let rankingGroup: String?

  public init(
    id: String, measured: Seconds, predicted: Seconds, low: Seconds, high: Seconds, source: String,
    hardware: String, family: String, precision: String, rankingGroup: String? = nil
  ) {
    self.id = id
    self.measured = measured
    self.predicted = predicted
    self.low = low
    self.high = high
    self.source = source
    self.hardware = hardware
    self.family = family
    self.precision = precision
    self.rankingGroup = rankingGroup
  }

  /// The signed relative error: negative where the prediction is too fast.
  public var error: Double { predicted / measured - 1 }

  /// Whether the measurement lies between the bounds.
  public var isInside: Bool { measured >= low && measured <= high }
}

/// A row that has no prediction, and why.
public struct UnpricedRow: Hashable, Sendable {
  /// The row's own, with its line where an earlier one has the same.
  public let id: String
  public let reason: String

  public init(id: String, reason: String) {
    self.id = id
    self.reason = reason
  }
}

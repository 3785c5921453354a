/// How long the passes of one chunk take, and a message between ranks, in any one unit.
///
/// Times are per chunk: they are not divided by the chunks of a rank.
public struct PassTimes: Hashable, Sendable {
  public var forward: Double
  /// The gradient of the input, the first half of a backward (dgrad).
  public var inputGradient: Double
  /// The gradient of the weights, the second half (wgrad).
  public var weightGradient: Double
  /// What passes between the end of a slot and the start of the one that it feeds on another rank.
  public var latency: Double
  /// A forward and a backward as one co-scheduled slot; their sum unless given.
  public var pair: Double

  public init(
    forward: Double = 1, inputGradient: Double = 1, weightGradient: Double = 1,
    latency: Double = 0, pair: Double? = nil
  ) {
    self.forward = forward
    self.inputGradient = inputGradient
    self.weightGradient = weightGradient
    self.latency = latency
    self.pair = pair ?? forward + inputGradient + weightGradient
  }

  /// Every pass takes one unit, messages none: what the zero-bubble papers draw.
  public static let equal = PassTimes()

  /// The time of a pass that runs by itself.
  public func duration(of pass: Pass) -> Double {
    switch pass {
    case .forward: forward
    case .backward: inputGradient + weightGradient
    case .inputGradient: inputGradient
    case .weightGradient: weightGradient
    }
  }
}

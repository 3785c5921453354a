/// What a pipeline slot does for one chunk and microbatch.
public enum Pass: UInt8, Hashable, Sendable {
  case forward
  /// Gradients of inputs and weights together.
  case backward
  /// Gradient of the input only (dgrad), the first half of a split backward.
  case inputGradient
  /// Gradient of the weights only (wgrad), the second half of a split backward.
  case weightGradient
}

/// One entry of a pipeline rank's order.
public struct Slot: Hashable, Sendable {
  public let pass: Pass
  /// The model chunk on this rank, from 0.
  public let chunk: Int
  public let microbatch: Int
  /// Whether this forward and the slot after it, a backward, run together as one co-scheduled slot:
  /// it starts when both have their inputs, and both results leave at its end.
  public let pairsWithNext: Bool

  public init(_ pass: Pass, chunk: Int = 0, microbatch: Int, pairsWithNext: Bool = false) {
    precondition(!pairsWithNext || pass == .forward, "a pair begins with its forward")
    self.pass = pass
    self.chunk = chunk
    self.microbatch = microbatch
    self.pairsWithNext = pairsWithNext
  }
}

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

  public init(_ pass: Pass, chunk: Int = 0, microbatch: Int) {
    self.pass = pass
    self.chunk = chunk
    self.microbatch = microbatch
  }
}

/// The order in which every pipeline rank executes its slots.
public struct PipelineOrder: Hashable, Sendable {
  /// Pipeline ranks.
  public let ranks: Int
  /// Chunks per rank.
  public let chunks: Int
  public let microbatches: Int
  /// The slots of each rank, in execution order.
  public let slots: [[Slot]]

  public init(ranks: Int, chunks: Int, microbatches: Int, slots: [[Slot]]) {
    precondition(slots.count == ranks, "one order per pipeline rank")
    self.ranks = ranks
    self.chunks = chunks
    self.microbatches = microbatches
    self.slots = slots
  }

  /// The stage of the model that a rank's chunk holds: chunks loop over the ranks.
  public func stage(rank: Int, chunk: Int) -> Int { chunk * ranks + rank }
}

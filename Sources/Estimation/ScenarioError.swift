public import Lowering
public import Parallelism
public import Units

/// Why a scenario makes no sense.
public enum ScenarioError: Error, Hashable, Sendable, CustomStringConvertible {
  case illegal(plan: ParallelPlan, model: String, violations: [PlanViolation])
  /// Options of the step that the model or the plan does not allow.
  case illegalOptions(plan: ParallelPlan, model: String, violations: [OptionViolation])
  /// Tokens without a row in the model's table of learned positions.
  case beyondPositions(model: String, sequenceLength: Int, positions: Int)
  /// More tokens in one microbatch than kernels are priced for.
  case microbatchTooLarge(microBatchSize: Int, tokensPerSequence: Int, limit: Int)
  /// More positions on one replica than bytes are counted for.
  case batchTooLarge(sequences: Int, sequenceLength: Int, limit: Int)
  /// More operations than the step's programs may have.
  case tooManyMicrobatches(layers: Int, microbatches: Int, limit: Int)
  /// Times of all nodes that do not fit into memory, where nothing less tells how works share links.
  case contentionTooLarge(nodes: Int, needed: Bytes, available: Bytes)
  /// A step that would take days even at the peak of its GPUs.
  case tooMuchWork(atPeak: Seconds, limit: Seconds)
  /// A step whose time, or its sum over ranks, the clock cannot hold.
  case tooLong(seconds: Seconds, ranks: Int)

  public var description: String {
    switch self {
    case .illegal(let plan, let model, let violations):
      """
      \(plan.description) is not legal for \(model):
      \(violations.map { "  - " + $0.description }.joined(separator: "\n"))
      """
    case .illegalOptions(let plan, let model, let violations):
      """
      options of the step do not go with \(model) under \(plan.description):
      \(violations.map { "  - " + $0.description }.joined(separator: "\n"))
      """
    case .beyondPositions(let model, let sequenceLength, let positions):
      "a sequence of \(grouped(sequenceLength)) tokens is longer than the \(grouped(positions)) "
        + "positions that \(model) has learned; use a sequence of at most \(positions)"
    case .microbatchTooLarge(let microBatchSize, let tokensPerSequence, let limit):
      "a microbatch of \(grouped(microBatchSize)) × \(grouped(tokensPerSequence)) tokens is more "
        + "than the \(grouped(limit)) that one may have; use a smaller micro batch or sequence"
    case .batchTooLarge(let sequences, let sequenceLength, let limit):
      "\(grouped(sequences)) sequences of \(grouped(sequenceLength)) tokens on one replica are more "
        + "than the \(grouped(limit)) tokens that one may have; use a smaller global batch, more "
        + "data parallelism or a shorter sequence"
    case .tooManyMicrobatches(let layers, let microbatches, let limit):
      "\(grouped(layers)) layers run \(grouped(microbatches)) microbatches, more than the "
        + "\(grouped(limit)) passes through a layer that one step may have; use a larger micro "
        + "batch, a smaller global batch or more data parallelism"
    case .contentionTooLarge(let nodes, let needed, let available):
      "the times of \(grouped(nodes)) nodes that share links take \(needed), but \(available) of "
        + "memory are left; use a smaller global batch or fewer GPUs, or leave contention out, "
        + "which plays one rank for all that do the same"
    case .tooMuchWork(let time, let limit):
      "the step would take \(time) even at the peak of its GPUs, more than the \(limit) that one "
        + "may take; use a smaller global batch, a shorter sequence or more GPUs"
    case .tooLong(let seconds, let ranks):
      "the step would take \(seconds) on \(grouped(ranks)) ranks, longer than the clock can count; "
        + "use a smaller global batch, and check the cluster's bandwidths and latencies"
    }
  }
}

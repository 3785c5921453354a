import Graph
import Memory
import Model
import Parallelism
import Simulation
public import Units

/// What an inference step means to the people served: how long they wait, and how many fit.
///
/// A replica is one set of pipeline stages with their tensor- and context-parallel ranks: what serves
/// one sequence. Attention under data parallelism has many replicas, whatever their experts share.
public struct ServingEstimate: Hashable, Sendable {
  /// From the start of a prefill step to the first token of its last sequence; nil in decode.
  public let timeToFirstToken: Seconds?
  /// Between two tokens of one sequence when decode steps follow each other; nil in prefill.
  ///
  /// The next token of a microbatch starts when its last one is out and the stages are free, so with
  /// several microbatches the period of the pipeline counts and not its fill and drain.
  public let timePerOutputToken: Seconds?
  /// Tokens per second that one user sees; nil in prefill.
  public let tokensPerSecondPerUser: Double?
  /// Tokens per second of one GPU: generated in decode, read in prefill.
  public let tokensPerSecondPerGPU: Double
  /// Cached bytes of one position over all layers and ranks of a replica, without copies.
  public let keyValueCacheBytesPerToken: Bytes
  /// Cached bytes of one sequence on the fullest rank, at the step's length.
  public let keyValueCachePerSequence: Bytes
  /// The sequences of the step's length with which some rank of a replica is full; zero where not
  /// even the weights fit.
  public let maximumBatchPerReplica: Int

  /// - Precondition: the estimate is of prefill or decode.
  init(of estimate: Estimate) {
    let scenario = estimate.scenario
    let configuration = scenario.configuration
    precondition(configuration.phase != .train, "training serves nobody")
    let decodes = configuration.phase == .decode
    let period = estimate.period
    timeToFirstToken = decodes ? nil : estimate.step
    timePerOutputToken = decodes ? period : nil
    tokensPerSecondPerUser = decodes ? 1 / period.value : nil
    tokensPerSecondPerGPU = estimate.tokensPerSecondPerGPU
    keyValueCacheBytesPerToken = scenario.model.keyValueCacheBytesPerToken(
      format: configuration.keyValueCacheFormat)
    let shares = estimate.graph.programs.map { scenario.keyValueCachePerSequence(of: $0) }
    keyValueCachePerSequence = shares.max() ?? .zero
    let capacity = estimate.memoryCapacity
    maximumBatchPerReplica =
      zip(estimate.memory, shares).map { memory, share in
        memory.sequences(in: capacity, each: share, configuration)
      }.min() ?? 0
  }
}

extension StageMemory {
  /// How many sequences fit.
  ///
  /// In decode what comes and goes grows with the sequences of a microbatch; a prefill keeps its microbatch.
  fileprivate func sequences(
    in capacity: Bytes, each share: Bytes, _ configuration: StepConfiguration
  ) -> Int {
    let decodes = configuration.phase == .decode
    let together = configuration.microBatchSize * configuration.microbatches
    let growth = decodes ? (transient.count + together - 1) / together : 0
    let free = capacity - persistent - reserve - (decodes ? .zero : transient)
    return max(0, free.count / max(1, share.count + growth))
  }
}

extension Estimate {
  /// What the step means to the people served; nil in training.
  public var serving: ServingEstimate? {
    scenario.configuration.phase == .train ? nil : ServingEstimate(of: self)
  }
}

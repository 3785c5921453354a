public import Graph
public import Units

/// What a rank of one pipeline stage holds at the moment it holds most.
public struct StageMemory: Hashable, Sendable {
  public let pipelineRank: Int
  /// All of it by owner.
  public let breakdown: MemoryBreakdown
  /// When that is, in the unit of the timeline it was worked out from.
  public let time: Int64
  /// Forward passes whose backward has not ended, at the peak, over all chunks.
  public let inFlight: Int

  public init(_ timeline: MemoryTimeline) {
    pipelineRank = timeline.pipelineRank
    breakdown = timeline.peak.breakdown
    time = timeline.peak.time
    inFlight = timeline.peak.inFlight
  }

  /// The peak of a rank whose streams never run side by side, before anything is priced.
  ///
  /// - Parameter keyValueCache: bytes of the cache on one rank; zero in training.
  public init(
    of program: StageProgram, in graph: StepGraph, keyValueCache: Bytes = .zero
  ) {
    self.init(MemoryTimeline(of: program, in: graph, keyValueCache: keyValueCache))
  }

  /// Weights in the format of the step, gathered ones included.
  public var parameters: Bytes { breakdown[.parameters] + breakdown[.gatheredParameters] }
  /// The fp32 main gradients; none in inference.
  public var gradients: Bytes { breakdown[.gradients] }
  /// Master weights and two Adam moments, 12 bytes per parameter, sharded from ZeRO-1 on.
  public var optimizer: Bytes { breakdown[.optimizer] }
  /// What forward passes keep for backward passes that have not yet run.
  public var activations: Bytes { breakdown.total(where: \.isActivation) }
  /// Keys and values of the sequences being served; none in training.
  public var keyValueCache: Bytes { breakdown[.keyValueCache] }
  /// Outputs of collectives and messages that are not yet read.
  public var communication: Bytes { breakdown[.communication] }
  /// Outputs of kernels that are not yet read, and stand-ins for weight gradients.
  public var workspace: Bytes { breakdown[.workspace] + breakdown[.gradientPlaceholders] }
  /// An allowance for what the allocator cannot use.
  public var fragmentation: Bytes { breakdown[.fragmentation] }
  /// What a serving stack keeps for itself; none in training.
  public var reserve: Bytes { breakdown[.reserve] }

  /// All of it.
  public var peak: Bytes { breakdown.total }

  /// What tensors take, the allowance for fragmentation apart: PyTorch's `max_memory_allocated`.
  public var allocated: Bytes { peak - fragmentation }

  /// Weights, gradients and optimizer: what Megatron's estimator calls weight and optimizer memory.
  public var persistent: Bytes { parameters + gradients + optimizer }

  /// What an inference step takes on top of weights, cache and reserve.
  public var transient: Bytes { breakdown.total(where: \.comesAndGoes) }
}

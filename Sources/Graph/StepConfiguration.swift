public import Parallelism
public import Units

/// What kind of step is asked for.
public enum StepPhase: String, Hashable, Sendable, CaseIterable {
  /// Forward, backward, gradient synchronization and optimizer.
  case train
  /// One forward over whole prompts, filling the KV cache.
  case prefill
  /// One token per sequence against a filled KV cache.
  case decode
}

/// The step itself: how many tokens, in which order, with which options.
public struct StepConfiguration: Hashable, Sendable {
  public var phase: StepPhase
  /// Tokens per sequence; in decode, the length of the KV cache.
  public var sequenceLength: Int
  /// Sequences per microbatch and data-parallel rank.
  public var microBatchSize: Int
  /// Microbatches per step and data-parallel rank.
  public var microbatches: Int
  public var schedule: PipelineSchedule
  /// ZeRO-1: optimizer state sharded over data parallelism, gradients reduce-scattered.
  public var distributedOptimizer: Bool
  /// Whether gradient buckets are reduced as soon as they are complete.
  public var overlapsGradientReduce: Bool
  /// Whether parameters are gathered bucket by bucket.
  public var overlapsParameterGather: Bool
  /// Whether the vocabulary-parallel loss runs two all-reduces instead of three.
  public var fusesCrossEntropy: Bool
  /// Whether the router's load-balancing loss is on, where the model has one.
  public var auxiliaryLoss: Bool
  /// Format of activations and weights.
  public var format: NumericFormat
  /// Format of the router's scores and probabilities.
  public var routerFormat: NumericFormat

  public init(
    phase: StepPhase = .train, sequenceLength: Int, microBatchSize: Int = 1, microbatches: Int,
    schedule: PipelineSchedule = .oneForwardOneBackward, distributedOptimizer: Bool = true,
    overlapsGradientReduce: Bool = true, overlapsParameterGather: Bool = true,
    fusesCrossEntropy: Bool = false, auxiliaryLoss: Bool = true, format: NumericFormat = .bf16,
    routerFormat: NumericFormat = .fp32
  ) {
    self.phase = phase
    self.sequenceLength = sequenceLength
    self.microBatchSize = microBatchSize
    self.microbatches = microbatches
    self.schedule = schedule
    self.distributedOptimizer = distributedOptimizer
    self.overlapsGradientReduce = overlapsGradientReduce
    self.overlapsParameterGather = overlapsParameterGather
    self.fusesCrossEntropy = fusesCrossEntropy
    self.auxiliaryLoss = auxiliaryLoss
    self.format = format
    self.routerFormat = routerFormat
  }
}

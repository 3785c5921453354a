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
  /// Which layers each stage holds.
  public var layout: PipelineLayout
  /// What data-parallel replicas share.
  public var sharding: DataSharding
  /// Ranks over which ZeRO shards, the rest replicating (hybrid sharding); nil means all replicas.
  public var shardingDegree: Int?
  public var recomputation: Recomputation
  public var contextExchange: ContextExchange
  public var dispatcher: ExpertDispatcher
  /// Rows that an expert takes per row of a balanced share, the rest dropped; nil is dropless.
  public var capacityFactor: Double?
  public var precision: Precision
  /// Whether gradient buckets are reduced as soon as they are complete.
  public var overlapsGradientReduce: Bool
  /// Whether parameters are gathered bucket by bucket.
  public var overlapsParameterGather: Bool
  /// Whether the vocabulary-parallel loss runs two all-reduces instead of three.
  public var fusesCrossEntropy: Bool
  /// Whether the router's load-balancing loss is on, where the model has one.
  public var auxiliaryLoss: Bool
  /// Whether the model's multi-token-prediction modules are trained (`--mtp-num-layers`).
  public var multiTokenPrediction: Bool
  /// Whether the last microbatches' sends and receives run beside kernels, or block the rank.
  public var overlapsMessages: Bool
  /// Whether tensor-parallel collectives run in chunks under their products (`--tp-comm-overlap`).
  public var overlapsTensor: Bool
  /// Whether the all-to-all of one microbatch runs under kernels of another
  /// (`--overlap-moe-expert-parallel-comm`).
  public var overlapsExperts: Bool
  /// Whether shared experts run on a stream of their own (`--moe-shared-expert-overlap`).
  public var overlapsSharedExperts: Bool
  /// Share of the optimizer state that the host keeps and updates, 0 to 1.
  public var optimizerOffload: Double
  /// Layers of each chunk whose activations the host keeps.
  public var activationOffloadLayers: Int
  /// Whether a step's kernels are launched as one CUDA graph, during which the host waits for nothing.
  public var usesCUDAGraphs: Bool
  /// Format of the router's scores and probabilities.
  public var routerFormat: NumericFormat
  /// Format of cached keys and values in inference.
  public var keyValueCacheFormat: NumericFormat

  public init(
    phase: StepPhase = .train, sequenceLength: Int, microBatchSize: Int = 1, microbatches: Int,
    schedule: PipelineSchedule = .oneForwardOneBackward
  ) {
    self.phase = phase
    self.sequenceLength = sequenceLength
    self.microBatchSize = microBatchSize
    self.microbatches = microbatches
    self.schedule = schedule
    layout = .even
    sharding = .optimizer
    recomputation = .none
    contextExchange = .ring
    dispatcher = .allToAll
    precision = .bf16
    overlapsGradientReduce = true
    overlapsParameterGather = true
    fusesCrossEntropy = false
    auxiliaryLoss = true
    multiTokenPrediction = false
    overlapsMessages = true
    overlapsTensor = false
    overlapsExperts = false
    overlapsSharedExperts = false
    optimizerOffload = 0
    activationOffloadLayers = 0
    usesCUDAGraphs = false
    routerFormat = .fp32
    keyValueCacheFormat = .bf16
  }

  /// Format of activations and weights.
  public var format: NumericFormat { precision.activations }
}

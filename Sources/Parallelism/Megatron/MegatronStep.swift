/// What Megatron's flags say about batches, stages, optimizer and dispatch; nil where a flag is absent.
public struct MegatronStep: Hashable, Sendable {
  /// Tokens per sequence, `--seq-length`.
  public let sequenceLength: Int?
  /// Sequences per microbatch and data-parallel rank, `--micro-batch-size`.
  public let microBatchSize: Int?
  /// Sequences per step over all ranks, `--global-batch-size`.
  public let globalBatchSize: Int?
  /// Microbatches per turn of a chunk, `--microbatch-group-size-per-vp-stage`.
  public let microbatchGroupSize: Int?
  /// `--decoder-first-pipeline-num-layers`.
  public let firstStageLayers: Int?
  /// `--decoder-last-pipeline-num-layers`.
  public let lastStageLayers: Int?
  /// `--pipeline-model-parallel-layout` as written.
  public let pipelineLayout: String?
  /// `--account-for-embedding-in-pipeline-split`.
  public let countsEmbeddingAsLayer: Bool?
  /// `--account-for-loss-in-pipeline-split`.
  public let countsLossAsLayer: Bool?
  /// `--cp-comm-type`.
  public let contextCommunication: MegatronContextCommunication?
  /// `--hierarchical-context-parallel-sizes`.
  public let hierarchicalContextSizes: [Int]?
  /// ZeRO-1, `--use-distributed-optimizer`.
  public let usesDistributedOptimizer: Bool?
  /// `--use-megatron-fsdp`.
  public let usesMegatronFSDP: Bool?
  /// `--use-torch-fsdp2`.
  public let usesTorchFSDP: Bool?
  /// `--num-distributed-optimizer-instances`.
  public let optimizerInstances: Int?
  /// `--data-parallel-sharding-strategy`.
  public let shardingStrategy: MegatronShardingStrategy?
  /// `--bf16`.
  public let usesBF16: Bool?
  /// `--fp16`.
  public let usesFP16: Bool?
  /// `--fp8-format` as written.
  public let fp8Format: String?
  /// `--fp8-recipe` as written.
  public let fp8Recipe: String?
  /// Multi-token-prediction modules, `--mtp-num-layers`.
  public let predictionModules: Int?
  /// `--grad-reduce-in-bf16`.
  public let reducesGradientsInBF16: Bool?
  /// `--cross-entropy-loss-fusion`.
  public let fusesCrossEntropy: Bool?
  /// `--moe-token-dispatcher-type`.
  public let dispatcher: MegatronDispatcher?
  /// `--moe-flex-dispatcher-backend` as written.
  public let dispatcherBackend: String?
  /// `--moe-expert-capacity-factor`.
  public let expertCapacityFactor: Double?
  /// `--moe-router-force-load-balancing`.
  public let forcesBalancedExperts: Bool?
  /// `--moe-grouped-gemm`.
  public let groupsExpertGEMMs: Bool?
  /// `--moe-router-dtype` as written.
  public let routerFormat: String?
  /// `--moe-aux-loss-coeff`.
  public let auxiliaryLossCoefficient: Double?

  init(_ reader: inout MegatronFlagReader) throws(MegatronError) {
    sequenceLength = try reader.count("seq-length", "sequence-length")
    microBatchSize = try reader.count("micro-batch-size")
    globalBatchSize = try reader.count("global-batch-size")
    microbatchGroupSize = try reader.count("microbatch-group-size-per-vp-stage")
    firstStageLayers = try reader.count(
      "decoder-first-pipeline-num-layers", "num-layers-in-first-pipeline-stage")
    lastStageLayers = try reader.count(
      "decoder-last-pipeline-num-layers", "num-layers-in-last-pipeline-stage")
    pipelineLayout = try reader.word("pipeline-model-parallel-layout")
    countsEmbeddingAsLayer = try reader.isOn("account-for-embedding-in-pipeline-split")
    countsLossAsLayer = try reader.isOn("account-for-loss-in-pipeline-split")
    contextCommunication = try reader.choice("cp-comm-type")
    hierarchicalContextSizes = try reader.counts("hierarchical-context-parallel-sizes")
    usesDistributedOptimizer = try reader.isOn("use-distributed-optimizer")
    usesMegatronFSDP = try reader.isOn("use-megatron-fsdp")
    usesTorchFSDP = try reader.isOn("use-torch-fsdp2")
    optimizerInstances = try reader.count("num-distributed-optimizer-instances")
    shardingStrategy = try reader.choice("data-parallel-sharding-strategy")
    usesBF16 = try reader.isOn("bf16")
    usesFP16 = try reader.isOn("fp16")
    fp8Format = try reader.word("fp8-format", "fp8")
    fp8Recipe = try reader.word("fp8-recipe")
    predictionModules = try reader.count("mtp-num-layers")
    reducesGradientsInBF16 = try reader.isOn("grad-reduce-in-bf16")
    fusesCrossEntropy = try reader.isOn("cross-entropy-loss-fusion")
    dispatcher = try reader.choice("moe-token-dispatcher-type")
    dispatcherBackend = try reader.word("moe-flex-dispatcher-backend")
    expertCapacityFactor = try reader.real("moe-expert-capacity-factor")
    forcesBalancedExperts = try reader.isOn("moe-router-force-load-balancing")
    groupsExpertGEMMs = try reader.isOn("moe-grouped-gemm")
    routerFormat = try reader.word("moe-router-dtype")
    auxiliaryLossCoefficient = try reader.real("moe-aux-loss-coeff")
  }

  /// Whether the flags cut the layers into stages of different sizes.
  public var hasUnevenStages: Bool {
    firstStageLayers != nil || lastStageLayers != nil || pipelineLayout != nil
      || countsEmbeddingAsLayer == true || countsLossAsLayer == true
  }
}

/// How context-parallel ranks exchange keys and values, `--cp-comm-type`.
public enum MegatronContextCommunication: String, Hashable, Sendable, CaseIterable, MegatronChoice {
  case ring = "p2p"
  case allGather = "all_gather"
  case allToAll = "a2a"
  case hierarchical = "a2a+p2p"
}

/// What fully sharded data parallelism shards, `--data-parallel-sharding-strategy`.
public enum MegatronShardingStrategy: String, Hashable, Sendable, CaseIterable, MegatronChoice {
  case none = "no_shard"
  case optimizer = "optim"
  case optimizerAndGradients = "optim_grads"
  case everything = "optim_grads_params"
}

/// How tokens reach their experts, `--moe-token-dispatcher-type`.
public enum MegatronDispatcher: String, Hashable, Sendable, CaseIterable, MegatronChoice {
  case allGather = "allgather"
  case allToAll = "alltoall"
  case flex
}

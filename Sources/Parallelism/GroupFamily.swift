/// A family of process groups: which coordinates vary inside each of its groups.
///
/// Names follow Megatron's `parallel_state`; the dense and the expert grid share the pipeline axis.
public enum GroupFamily: UInt8, Hashable, Sendable, CaseIterable {
  /// TP: sequence-parallel all-gather and reduce-scatter, vocabulary-parallel loss.
  case tensor
  /// CP: exchange of keys and values.
  case context
  /// TP×CP: load-balancing counts of the router.
  case tensorContext
  /// DP of the dense grid without CP.
  case data
  /// DP×CP: gradients and optimizer shards of dense parameters.
  case dataContext
  /// PP: activations and their gradients.
  case pipeline
  /// TP×PP: step flags ("model parallel").
  case tensorPipeline
  /// TP×CP×DP: all ranks of one pipeline stage.
  case stage
  /// EP: dispatch and combine of tokens.
  case expert
  /// ETP: shards of one expert.
  case expertTensor
  /// ETP×EP: token counts of the router.
  case expertTensorExpert
  /// EDP: gradients and optimizer shards of experts.
  case expertData
  /// ETP×EP×PP.
  case expertTensorExpertPipeline
  /// First and last stage, for tied embeddings.
  case embedding
  /// All ranks.
  case world
  /// The part of DPxCP over which hybrid ZeRO shards dense parameters.
  case shard
  /// Ranks of DPxCP that hold the same shard of dense parameters.
  case replica
  /// The part of EDP over which hybrid ZeRO shards experts.
  case expertShard
  /// Ranks of EDP that hold the same shard of experts.
  case expertReplica
  /// The part of CP that exchanges heads by all-to-all in hierarchical context parallelism.
  case contextInner
  /// The part of CP that passes keys and values around a ring in hierarchical context parallelism.
  case contextOuter

  /// The name in reports and files, for example `ETPxEP`.
  public var label: String {
    switch self {
    case .tensor: "TP"
    case .context: "CP"
    case .tensorContext: "TPxCP"
    case .data: "DP"
    case .dataContext: "DPxCP"
    case .pipeline: "PP"
    case .tensorPipeline: "TPxPP"
    case .stage: "TPxCPxDP"
    case .expert: "EP"
    case .expertTensor: "ETP"
    case .expertTensorExpert: "ETPxEP"
    case .expertData: "EDP"
    case .expertTensorExpertPipeline: "ETPxEPxPP"
    case .embedding: "EMB"
    case .world: "WORLD"
    case .shard: "SHARD"
    case .replica: "REPLICA"
    case .expertShard: "ESHARD"
    case .expertReplica: "EREPLICA"
    case .contextInner: "CP-INNER"
    case .contextOuter: "CP-OUTER"
    }
  }

  /// Whether options of a step cut this family out of an axis of the plan.
  public var isCut: Bool { rawValue > Self.world.rawValue }

  /// Whether a group of this family has members in several pipeline stages.
  public var crossesStages: Bool {
    switch self {
    case .pipeline, .tensorPipeline, .expertTensorExpertPipeline, .embedding, .world: true
    default: false
    }
  }
}

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
  /// DP×CP of a stage and of the mirrored stage, `p − 1 − s`: under two copies of the model both hold
  /// the same two stages.
  case mirrorDataContext
  /// EDP of a stage and of the mirrored stage.
  case mirrorExpertData
  /// Ranks of DP×CP, here and in the mirrored stage, that hold the same shard of dense parameters.
  case mirrorReplica
  /// Ranks of EDP, here and in the mirrored stage, that hold the same shard of experts.
  case mirrorExpertReplica

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
    case .mirrorDataContext: "DPxCPxMIRROR"
    case .mirrorExpertData: "EDPxMIRROR"
    case .mirrorReplica: "REPLICAxMIRROR"
    case .mirrorExpertReplica: "EREPLICAxMIRROR"
    }
  }

  /// Whether options of a step make this family: they cut an axis of the plan, or join two stages.
  public var isCut: Bool { rawValue > Self.world.rawValue }

  /// Whether a group of this family has members in several pipeline stages.
  public var crossesStages: Bool {
    switch self {
    case .pipeline, .tensorPipeline, .expertTensorExpertPipeline, .embedding, .world: true
    default: isMirrored
    }
  }

  /// Whether a group joins a stage with its mirror image.
  public var isMirrored: Bool { unmirrored != self }

  /// The part of a mirrored group that lies in one stage; other families themselves.
  public var unmirrored: GroupFamily {
    switch self {
    case .mirrorDataContext: .dataContext
    case .mirrorExpertData: .expertData
    case .mirrorReplica: .replica
    case .mirrorExpertReplica: .expertReplica
    default: self
    }
  }

  /// The stages whose ranks meet in groups of this family, one list for each set of groups.
  public func meetings(ofStages stages: Int) -> [[Int]] {
    guard crossesStages else { return (0..<stages).map { [$0] } }
    if self == .embedding { return stages > 1 ? [[0, stages - 1]] : [[0]] }
    guard isMirrored else { return [Array(0..<stages)] }
    guard stages % 2 == 0 else { return (0..<stages).map { [$0] } }
    return (0..<stages / 2).map { [$0, stages - 1 - $0] }
  }
}

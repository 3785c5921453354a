/// How a step is split over ranks: the degrees of every axis of Megatron's two rank grids.
///
///     dense grid :  ranks = TP · CP · DP · PP
///     expert grid:  ranks = ETP · EP · EDP · PP
///
/// A value of this type is arithmetically sound (both products hold); whether it is legal for a model
/// is `ParallelPlan.check`'s question.
public struct ParallelPlan: Hashable, Sendable {
  public let tensor: Int
  public let context: Int
  public let pipeline: Int
  /// Model chunks per pipeline rank; 1 without interleaving.
  public let virtualPipeline: Int
  public let expert: Int
  public let expertTensor: Int
  /// Dense data-parallel degree, `ranks / (TP · CP · PP)`.
  public let data: Int
  /// Whether norms, residuals and dropout run on a shard of the sequence; only with TP above 1.
  public let sequenceParallel: Bool
  public let rankOrder: RankOrder

  /// - Precondition: every degree is at least 1 and `ETP · EP` divides `TP · CP · DP`.
  public init(
    tensor: Int = 1, context: Int = 1, pipeline: Int = 1, virtualPipeline: Int = 1,
    expert: Int = 1, expertTensor: Int? = nil, data: Int = 1, sequenceParallel: Bool? = nil,
    rankOrder: RankOrder = .pipelineLast
  ) {
    let expertTensor = expertTensor ?? tensor
    precondition(
      [tensor, context, pipeline, virtualPipeline, expert, expertTensor, data].allSatisfy {
        $0 >= 1
      },
      "every parallel degree is at least 1")
    precondition(
      (tensor * context * data) % (expertTensor * expert) == 0,
      "ETP\(expertTensor) · EP\(expert) does not divide TP\(tensor) · CP\(context) · DP\(data)")
    self.tensor = tensor
    self.context = context
    self.pipeline = pipeline
    self.virtualPipeline = virtualPipeline
    self.expert = expert
    self.expertTensor = expertTensor
    self.data = data
    self.sequenceParallel = (sequenceParallel ?? true) && tensor > 1
    self.rankOrder = rankOrder
  }

  /// All ranks of the job.
  public var worldSize: Int { tensor * context * data * pipeline }

  /// Ranks of one pipeline stage.
  public var stageSize: Int { tensor * context * data }

  /// Replicas of each expert shard.
  public var expertData: Int { stageSize / (expertTensor * expert) }

  /// The same plan with another number of model chunks per pipeline rank.
  public func chunked(_ virtualPipeline: Int) -> ParallelPlan {
    ParallelPlan(
      tensor: tensor, context: context, pipeline: pipeline, virtualPipeline: virtualPipeline,
      expert: expert, expertTensor: expertTensor, data: data, sequenceParallel: sequenceParallel,
      rankOrder: rankOrder)
  }

  /// Layer groups from first to last over the whole pipeline.
  public var stages: Int { pipeline * virtualPipeline }
}

/// Which axis varies slowest over the ranks.
public enum RankOrder: String, Hashable, Sendable, CaseIterable {
  /// Megatron's default: a pipeline stage is a contiguous block of ranks.
  case pipelineLast = "tp-cp-ep-dp-pp"
  /// `--use-tp-pp-dp-mapping`: data parallelism is slowest.
  case dataLast = "tp-cp-ep-pp-dp"
}

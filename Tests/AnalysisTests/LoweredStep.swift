import Graph
import Lowering
import Model
import Parallelism

/// A small mixture of experts, lowered under many plans.
enum LoweredStep {
  private static let model = TransformerModel(
    name: "tiny-moe", family: "qwen3_moe", hiddenSize: 64, vocabularySize: 512,
    maximumPositions: 4096, tiesEmbeddings: true,
    layers: Array(
      repeating: TransformerLayer(
        attention: .groupedQuery(
          GroupedQueryAttention(
            heads: 8, keyValueHeads: 4, headDimension: 16, hasQueryKeyNorm: true)),
        feedForward: .experts(MixtureOfExperts(experts: 8, topK: 2, intermediateSize: 32))),
      count: 8))

  static let plans: [ParallelPlan] = [
    ParallelPlan(),
    ParallelPlan(tensor: 2),
    ParallelPlan(tensor: 2, sequenceParallel: false),
    ParallelPlan(pipeline: 4),
    ParallelPlan(pipeline: 2, virtualPipeline: 2),
    ParallelPlan(data: 4),
    ParallelPlan(expert: 4, data: 4),
    ParallelPlan(tensor: 2, expert: 2, expertTensor: 1, data: 2),
    ParallelPlan(tensor: 2, pipeline: 2, expert: 2, data: 4),
    ParallelPlan(tensor: 2, context: 2, pipeline: 2, expert: 2, data: 2),
    ParallelPlan(tensor: 2, pipeline: 4, virtualPipeline: 2, expert: 2, data: 2),
    ParallelPlan(tensor: 4, pipeline: 2, expert: 4, expertTensor: 2, data: 4),
    ParallelPlan(tensor: 2, pipeline: 2, data: 2, rankOrder: .dataLast),
  ]

  static func schedules(for plan: ParallelPlan) -> [PipelineSchedule] {
    plan.virtualPipeline > 1
      ? [.oneForwardOneBackward, .interleaved(groupSize: 4)] : [.oneForwardOneBackward, .gpipe]
  }

  static func graph(
    _ plan: ParallelPlan, _ schedule: PipelineSchedule, microbatches: Int = 4
  ) throws -> StepGraph {
    let configuration = StepConfiguration(
      sequenceLength: 128, microbatches: microbatches, schedule: schedule)
    let order = try schedule.order(
      ranks: plan.pipeline, chunks: plan.virtualPipeline, microbatches: microbatches)
    return try StepGraph(lowering: model, under: plan, as: configuration, order: order)
  }
}

import Graph
import Lowering
import Memory
import Model
import Parallelism
import Testing
import Units

/// The memory of every stage of a named model under a plan.
func stageMemories(
  _ name: String, _ plan: ParallelPlan, sequence: Int = 4096, microbatches: Int = 1,
  schedule: PipelineSchedule = .oneForwardOneBackward,
  adjust: (inout StepConfiguration) -> Void = { _ in }
) throws -> [StageMemory] {
  let graph = try loweredGraph(
    name, plan, sequence: sequence, microbatches: microbatches, schedule: schedule,
    adjust: adjust)
  return graph.programs.map { StageMemory(of: $0, in: graph) }
}

func loweredGraph(
  _ name: String, _ plan: ParallelPlan, sequence: Int = 4096, microbatches: Int = 1,
  schedule: PipelineSchedule = .oneForwardOneBackward,
  adjust: (inout StepConfiguration) -> Void = { _ in }
) throws -> StepGraph {
  var configuration = StepConfiguration(
    sequenceLength: sequence, microbatches: microbatches, schedule: schedule)
  adjust(&configuration)
  let order = try configuration.schedule.order(
    ranks: plan.pipeline, chunks: plan.virtualPipeline, microbatches: microbatches)
  return try StepGraph(
    lowering: TransformerModel(named: name), under: plan, as: configuration, order: order)
}

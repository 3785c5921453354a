import Graph
import Lowering
import Model
import Parallelism

/// The deployment that the published counts describe.
enum Flagship {
  static func graph(
    microbatches: Int = 1, expertTensor: Int = 4, sequence: Int = 4096, virtualPipeline: Int = 1,
    adjust: (inout StepConfiguration) -> Void = { _ in }
  ) throws -> StepGraph {
    let plan = ParallelPlan(
      tensor: 4, pipeline: 2, virtualPipeline: virtualPipeline, expert: 8,
      expertTensor: expertTensor, data: 32)
    var configuration = StepConfiguration(sequenceLength: sequence, microbatches: microbatches)
    adjust(&configuration)
    return try lower(TransformerModel(named: "qwen3-30b-a3b"), plan, configuration)
  }
}

/// Lowers with the configuration's own schedule.
func lower(_ model: TransformerModel, _ plan: ParallelPlan, _ configuration: StepConfiguration)
  throws -> StepGraph
{
  let order = try configuration.schedule.order(
    ranks: plan.pipeline, chunks: plan.virtualPipeline, microbatches: configuration.microbatches)
  return try StepGraph(lowering: model, under: plan, as: configuration, order: order)
}

extension StepGraph {
  /// Operations of one stage that satisfy a condition.
  func count(stage: Int, where condition: (Operation) -> Bool) -> Int {
    programs[stage].operations.count(where: condition)
  }

  /// The collectives of one stage, with their operations.
  func collectives(stage: Int) -> [(operation: Operation, work: Collective)] {
    programs[stage].operations.compactMap { operation in
      guard case .collective(let work) = works[operation.work] else { return nil }
      return (operation, work)
    }
  }
}

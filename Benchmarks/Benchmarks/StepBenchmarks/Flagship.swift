import Cost
import Graph
import Hardware
import Lowering
import Model
import Parallelism
import Simulation

/// The input of all step benchmarks: Qwen3-30B-A3B on 256 GPUs, 16 microbatches, 6.3 million nodes.
struct Flagship {
  let model: TransformerModel
  let cluster: Cluster
  let plan: ParallelPlan
  let configuration = StepConfiguration(sequenceLength: 4096, microbatches: 16)

  init() throws {
    model = try TransformerModel(named: "qwen3-30b-a3b")
    cluster = try .named("dgx-h100")
    plan = try ParallelPlan(parsing: "EP8-TP4-PP2-DP4")
  }

  func lowered() throws -> StepGraph {
    let order = try configuration.schedule.order(
      ranks: plan.pipeline, microbatches: configuration.microbatches)
    return try StepGraph(lowering: model, under: plan, as: configuration, order: order)
  }

  func played() throws -> Timeline {
    let graph = try lowered()
    return try EventDrivenExecutor(graph, costs: StepCosts(graph: graph, cluster: cluster)).run()
  }
}

public import Cost
public import Graph
import Hardware
import Lowering
import Model
import Parallelism
import Simulation

/// The input of all step benchmarks: Qwen3-30B-A3B on 256 GPUs, 16 microbatches, 6.3 million nodes; or
/// a variation of it.
public struct Flagship {
  let model: TransformerModel
  let cluster: Cluster
  let plan: ParallelPlan
  let configuration: StepConfiguration

  /// - Parameters: what is different about a variation of it; `tiny` is its plan where it is tiny.
  public init(
    _ size: StepSize, model: String = "qwen3-30b-a3b", plan: String = "EP8-TP4-PP2-DP4",
    tiny: String = "EP2-TP2-PP2", microbatches: Int = 16
  ) throws {
    self.model = try TransformerModel(named: model)
    cluster = try .named("dgx-h100")
    self.plan = try ParallelPlan(parsing: size == .full ? plan : tiny)
    configuration = StepConfiguration(
      sequenceLength: 4096, microbatches: size == .full ? microbatches : 2)
  }

  func lowered() throws -> StepGraph {
    let order = try configuration.schedule.order(
      ranks: plan.pipeline, microbatches: configuration.microbatches)
    return try StepGraph(lowering: model, under: plan, as: configuration, order: order)
  }

  func priced() throws -> (graph: StepGraph, costs: StepCosts) {
    let graph = try lowered()
    return (graph, try StepCosts(graph: graph, cluster: cluster))
  }

  /// Priced as if everything had been launched before the step began.
  public func launched() throws -> (graph: StepGraph, costs: StepCosts) {
    let (graph, costs) = try priced()
    return (
      graph,
      StepCosts(
        durations: costs.durations, offset: costs.offset, isPerGroup: costs.isPerGroup,
        domainSize: costs.domainSize)
    )
  }

  /// Played rank by rank.
  func played() throws -> Timeline {
    let step = try priced()
    return try RunAheadExecutor(step.graph, costs: step.costs).run()
  }
}

import Cost
import Graph
import Lowering
public import Parallelism
import Units

extension Scenario {
  /// The order in which every pipeline rank runs its slots.
  ///
  /// A searched schedule is made for what the passes of this step take on this cluster.
  public func order() throws -> PipelineOrder {
    guard configuration.phase == .train else { return try order(of: .forwardOnly) }
    guard configuration.schedule.isSearched, plan.pipeline > 1 else {
      return try order(of: configuration.schedule)
    }
    return try order(of: configuration.schedule, times: passTimes())
  }

  private func order(of schedule: PipelineSchedule, times: PassTimes = .equal) throws
    -> PipelineOrder
  {
    try schedule.order(
      ranks: plan.pipeline, chunks: plan.virtualPipeline,
      microbatches: configuration.microbatches,
      overlappingExperts: configuration.phase == .train && configuration.overlapsExperts,
      times: times)
  }

  /// The times of a microbatch's passes through a chunk, operations one after the other, on the mean
  /// over stages.
  private func passTimes() throws -> PassTimes {
    let graph = try graph(running: order(of: configuration.schedule))
    let costs = try StepCosts(graph: graph, cluster: cluster)
    var sums: [OperationPass: Seconds] = [:]
    var message = Seconds.zero
    for program in graph.programs {
      for operation in program.operations where operation.microbatch == 0 {
        let time = costs.duration(ofWork: operation.work, groupIndex: 0).seconds
        switch operation.meeting {
        case .send: message = max(message, time)
        case .receive: break
        case .none, .collective: sums[operation.pass, default: .zero] += time
        }
      }
    }
    let mean = { (pass: OperationPass) in
      (sums[pass] ?? .zero).value / Double(plan.stages)
    }
    return PassTimes(
      forward: mean(.forward), inputGradient: mean(.recompute) + mean(.inputGradient),
      weightGradient: mean(.weightGradient), latency: message.value)
  }

  /// The DAG of a step that runs an order.
  func graph(running order: PipelineOrder) throws -> StepGraph {
    try StepGraph(lowering: model, under: plan, as: configuration, order: order)
  }
}

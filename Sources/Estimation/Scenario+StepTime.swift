import Cost
import Graph
import Simulation
public import Units

extension Scenario {
  /// The length of a step, and nothing else: what a search or a validation asks for many times.
  ///
  /// - Throws: as `Estimate` does.
  public func stepTime() throws -> Seconds {
    let graph = try graph(running: order())
    let costs = try StepCosts(graph: graph, cluster: cluster)
    try costs.checkSum(over: graph)
    let folding = Folding(graph, costs: costs)
    return try RunAheadExecutor(graph, costs: costs, folding: folding).outcome().makespan.seconds
  }
}

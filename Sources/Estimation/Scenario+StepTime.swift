import Cost
import Graph
import Simulation
public import Units

extension Scenario {
  /// The length of a step, and nothing else: what a search or a validation asks for many times.
  ///
  /// - Throws: as `Estimate` does.
  public func stepTime() throws -> Seconds {
    let priced = try PricedGraph(graph(running: order()), on: cluster)
    try priced.costs.checkSum(over: priced.graph)
    let folding = Folding(priced.graph, costs: priced.costs)
    return try RunAheadExecutor(priced.graph, costs: priced.costs, folding: folding).outcome()
      .makespan.seconds
  }
}

import Benchmark
import Cost
import Graph
import Simulation
import Units

/// From a priced graph to a timeline.
func simulationBenchmarks() {
  stageBenchmark("simulate: flagship, event-driven") {
    let flagship = try Flagship()
    let graph = try flagship.lowered()
    return (graph: graph, costs: try StepCosts(graph: graph, cluster: flagship.cluster))
  } work: { step in
    try EventDrivenExecutor(step.graph, costs: step.costs).run()
  } checksum: { timeline in
    var checksum = Checksum()
    for finish in timeline.finishes { checksum.add(Int(finish)) }
    return checksum
  }
}

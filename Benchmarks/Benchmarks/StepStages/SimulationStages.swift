import Benchmark
import Cost
import Graph
import Lowering
import Parallelism
import Simulation
import Units

/// From a priced graph to a timeline.
func simulationBenchmarks() {
  stageBenchmark("simulate: flagship, event-driven") {
    try Flagship().priced()
  } work: { step in
    try EventDrivenExecutor(step.graph, costs: step.costs).run()
  } checksum: { timeline in
    checksum(of: timeline)
  }

  stageBenchmark("simulate: flagship, event-driven with contention") {
    let flagship = try Flagship()
    let step = try flagship.priced()
    return (step: step, sharing: StepSharing(graph: step.graph, cluster: flagship.cluster))
  } work: { input in
    try EventDrivenExecutor(input.step.graph, costs: input.step.costs, sharing: input.sharing).run()
  } checksum: { timeline in
    checksum(of: timeline)
  }

  stageBenchmark("simulate: flagship, run-ahead") {
    try Flagship().priced()
  } work: { step in
    try RunAheadExecutor(step.graph, costs: step.costs).run()
  } checksum: { timeline in
    checksum(of: timeline)
  }

  stageBenchmark("simulate: flagship, folded") {
    try Flagship().priced()
  } work: { step in
    let folding = Folding(step.graph, costs: step.costs)
    return try RunAheadExecutor(step.graph, costs: step.costs, folding: folding).run()
  } checksum: { timeline in
    checksum(of: timeline)
  }

  stageBenchmark("simulate: flagship without launches, run-ahead, for comparison") {
    try Flagship().launched()
  } work: { step in
    try RunAheadExecutor(step.graph, costs: step.costs).run().makespan
  } checksum: { makespan in
    checksum(of: makespan)
  }

  stageBenchmark("simulate: flagship without launches, explicit graph, C++ -O3 binary heap") {
    let step = try Flagship().launched()
    return ExplicitGraph(step.graph, costs: step.costs)
  } work: { graph in
    graph.makespan()
  } checksum: { makespan in
    checksum(of: makespan)
  }

  stageBenchmark("simulate: flagship on 16,384 ranks, run-ahead, result only") {
    try Flagship(plan: "EP8-TP4-PP2-DP256").priced()
  } work: { step in
    try RunAheadExecutor(step.graph, costs: step.costs).outcome()
  } checksum: { outcome in
    var checksum = Checksum()
    for end in outcome.ends { checksum.add(Int(end.picoseconds)) }
    return checksum
  }

  stageBenchmark("evaluate one folded plan: Llama-3-70B TP4 PP8 DP2, 64 microbatches") {
    try Flagship(model: "llama-3-70b", plan: "TP4-PP8-DP2", microbatches: 64)
  } work: { input in
    let step = try input.priced()
    let folding = Folding(step.graph, costs: step.costs)
    return try RunAheadExecutor(step.graph, costs: step.costs, folding: folding).run().makespan
  } checksum: { makespan in
    checksum(of: makespan)
  }
}

private func checksum(of makespan: Ticks) -> Checksum {
  var checksum = Checksum()
  checksum.add(Int(makespan.picoseconds))
  return checksum
}

/// The ends of all nodes, rank after rank: the same for every way to play a step.
private func checksum(of timeline: Timeline) -> Checksum {
  var checksum = Checksum()
  for rank in 0..<timeline.graph.grid.worldSize {
    for finish in timeline.finishes(of: rank) { checksum.add(Int(finish)) }
  }
  return checksum
}

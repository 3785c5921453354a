import Cost
import Graph
import Lowering
import Parallelism
import Simulation
import Units

/// From a priced graph to a timeline.
func simulationStages(_ size: StepSize) -> [Stage] {
  [
    Stage(
      "simulate: flagship, event-driven",
      input: {
        try Flagship(size).priced()
      },
      nodes: { $0.graph.nodeCount },
      work: { step in
        try EventDrivenExecutor(step.graph, costs: step.costs).run()
      },
      checksum: { timeline in
        checksum(of: timeline)
      }),
    Stage(
      "simulate: flagship, event-driven with contention",
      input: {
        let flagship = try Flagship(size)
        let step = try flagship.priced()
        return (step: step, sharing: StepSharing(graph: step.graph, cluster: flagship.cluster))
      },
      nodes: { $0.step.graph.nodeCount },
      work: { input in
        try EventDrivenExecutor(input.step.graph, costs: input.step.costs, sharing: input.sharing)
          .run()
      },
      checksum: { timeline in
        checksum(of: timeline)
      }),
    Stage(
      "simulate: flagship, run-ahead",
      input: {
        try Flagship(size).priced()
      },
      nodes: { $0.graph.nodeCount },
      work: { step in
        try RunAheadExecutor(step.graph, costs: step.costs).run()
      },
      checksum: { timeline in
        checksum(of: timeline)
      }),
    Stage(
      "simulate: flagship, folded",
      input: {
        try Flagship(size).priced()
      },
      nodes: { $0.graph.nodeCount },
      work: { step in
        let folding = Folding(step.graph, costs: step.costs)
        return try RunAheadExecutor(step.graph, costs: step.costs, folding: folding).run()
      },
      checksum: { timeline in
        checksum(of: timeline)
      }),
    Stage(
      "simulate: flagship without launches, run-ahead, for comparison",
      input: {
        try Flagship(size).launched()
      },
      nodes: { $0.graph.nodeCount },
      work: { step in
        try RunAheadExecutor(step.graph, costs: step.costs).run().makespan
      },
      checksum: { makespan in
        checksum(of: makespan)
      }),
    Stage(
      "simulate: flagship without launches, event-driven, for comparison",
      input: {
        try Flagship(size).launched()
      },
      nodes: { $0.graph.nodeCount },
      work: { step in
        try EventDrivenExecutor(step.graph, costs: step.costs).run().makespan
      },
      checksum: { makespan in
        checksum(of: makespan)
      }),
    Stage(
      "fold: flagship on 16,384 ranks",
      input: {
        try Flagship(size, plan: "EP8-TP4-PP2-DP256", tiny: "EP2-TP2-PP2-DP4").priced()
      },
      nodes: { $0.graph.nodeCount },
      work: { step in
        Folding(step.graph, costs: step.costs).classes
      },
      checksum: { classes in
        var checksum = Checksum()
        checksum.add(classes)
        return checksum
      }),
    Stage(
      "simulate: flagship without launches, explicit graph, C++ -O3 binary heap",
      input: {
        let step = try Flagship(size).launched()
        return ExplicitGraph(step.graph, costs: step.costs)
      },
      nodes: { $0.durations.count },
      work: { graph in
        graph.makespan()
      },
      checksum: { makespan in
        checksum(of: makespan)
      }),
    Stage(
      "simulate: flagship on 16,384 ranks, run-ahead, result only",
      input: {
        try Flagship(size, plan: "EP8-TP4-PP2-DP256", tiny: "EP2-TP2-PP2-DP4").priced()
      },
      nodes: { $0.graph.nodeCount },
      work: { step in
        try RunAheadExecutor(step.graph, costs: step.costs).outcome()
      },
      checksum: { outcome in
        var checksum = Checksum()
        for end in outcome.ends { checksum.add(Int(end.picoseconds)) }
        return checksum
      }),
    Stage(
      "evaluate one folded plan: Llama-3-70B TP4 PP8 DP2, 64 microbatches",
      input: {
        try Flagship(
          size, model: "llama-3-70b", plan: "TP4-PP8-DP2", tiny: "TP2-PP2",
          microbatches: 64)
      },
      nodes: { try? $0.lowered().nodeCount },
      work: { input in
        let step = try input.priced()
        let folding = Folding(step.graph, costs: step.costs)
        return try RunAheadExecutor(step.graph, costs: step.costs, folding: folding).run().makespan
      },
      checksum: { makespan in
        checksum(of: makespan)
      }),
  ]
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

import Cost
import Graph
import Lowering
import Units

/// From a model to a priced graph.
func graphStages(_ size: StepSize) -> [Stage] {
  [
    Stage(
      "lower: flagship",
      input: {
        try Flagship(size)
      },
      nodes: { try? $0.lowered().nodeCount },
      work: { flagship in
        try flagship.lowered()
      },
      checksum: { graph in
        var checksum = Checksum()
        checksum.add(graph.nodeCount)
        checksum.add(graph.edgeCount)
        checksum.add(graph.works.count)
        for operation in graph.programs.lazy.flatMap(\.operations) {
          checksum.add(operation.work)
          checksum.add(operation.partner)
        }
        return checksum
      }),
    Stage(
      "price: flagship",
      input: {
        let flagship = try Flagship(size)
        return (graph: try flagship.lowered(), cluster: flagship.cluster)
      },
      nodes: { $0.graph.nodeCount },
      work: { step in
        try StepCosts(graph: step.graph, cluster: step.cluster)
      },
      checksum: { costs in
        var checksum = Checksum()
        for duration in costs.durations { checksum.add(Int(duration.picoseconds)) }
        return checksum
      }),
  ]
}

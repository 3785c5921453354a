import Analysis
import Graph
import Parallelism
import Simulation
import Units

/// From a timeline to what it means.
func analysisStages(_ size: StepSize) -> [Stage] {
  [
    Stage(
      "analyse: breakdown of the flagship",
      input: {
        try Flagship(size).played()
      },
      nodes: { $0.graph.nodeCount },
      work: { timeline in
        StepBreakdown(timeline)
      },
      checksum: { breakdown in
        var checksum = Checksum()
        for rank in breakdown.ranks {
          for timeClass in TimeClass.allCases { checksum.add(Int(rank[timeClass].picoseconds)) }
        }
        return checksum
      }),
    Stage(
      "analyse: critical path of the flagship",
      input: {
        try Flagship(size).played()
      },
      nodes: { $0.graph.nodeCount },
      work: { timeline in
        CriticalPath(timeline)
      },
      checksum: { path in
        var checksum = Checksum()
        for segment in path.segments {
          checksum.add(segment.rank)
          checksum.add(segment.operation)
          checksum.add(Int(segment.finish.picoseconds))
        }
        return checksum
      }),
    Stage(
      "analyse: slack of the flagship",
      input: {
        try Flagship(size).played()
      },
      nodes: { $0.graph.nodeCount },
      work: { timeline in
        (slack: Slack(timeline), graph: timeline.graph)
      },
      checksum: { result in
        var checksum = Checksum()
        for rank in stride(from: 0, to: result.graph.grid.worldSize, by: 32) {
          for operation in result.graph.program(of: rank).operations.indices {
            checksum.add(Int(result.slack.of(rank: rank, operation: operation).picoseconds))
          }
        }
        return checksum
      }),
  ]
}

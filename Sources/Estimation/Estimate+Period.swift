import Graph
import Parallelism
import Simulation
public import Units

extension Estimate {
  /// The time from one step to the next: the step itself, but in decode, where the pipeline never
  /// drains, the slower of a microbatch's way through all stages and of all microbatches through the
  /// slowest stage.
  public var period: Seconds {
    let microbatches = scenario.configuration.microbatches
    guard scenario.configuration.phase == .decode, microbatches > 1 else { return step }
    let lastRank = scenario.plan.worldSize - 1
    var ends = [Int64](repeating: 0, count: microbatches)
    for (index, operation) in graph.program(of: lastRank).operations.enumerated() {
      guard let microbatch = operation.microbatch else { continue }
      let end = timeline.finish(rank: lastRank, operation: index).picoseconds
      ends[microbatch] = max(ends[microbatch], end)
    }
    let passage = ends[0]
    let spacing = (ends[microbatches - 1] - passage) / Int64(microbatches - 1)
    return Ticks(max(passage, Int64(microbatches) * spacing)).seconds
  }
}

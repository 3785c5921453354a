import Graph
public import Memory
import Parallelism
import Simulation

extension Estimate {
  /// What a rank holds over the time of the step, in picoseconds.
  ///
  /// The ranks of a stage hold the same and differ only in when.
  /// - Precondition: the plan has the rank.
  public func memoryTimeline(ofRank rank: Int) -> MemoryTimeline {
    scenario.memoryTimeline(timeline, ofRank: rank)
  }
}

extension Scenario {
  /// What a rank holds over the time of a step that has been played.
  func memoryTimeline(_ timeline: Timeline, ofRank rank: Int) -> MemoryTimeline {
    let trace = RankTrace(timeline, rank: rank)
    return MemoryTimeline(
      of: trace.program, in: timeline.graph,
      times: OperationTimes(starts: trace.starts, finishes: Array(trace.finishes)),
      keyValueCache: keyValueCache(of: trace.program))
  }
}

import Graph
import Parallelism
public import Units

/// When each rank of a step ended: all that is kept of a step too large for a timeline.
public struct StepOutcome: Hashable, Sendable {
  /// By rank, the end of its last operation.
  public let ends: [Instant]

  init(ends: [Instant]) { self.ends = ends }

  init(_ timeline: Timeline) {
    ends = timeline.rankEnds()
  }

  /// From the start of the step to the end of its last operation.
  public var makespan: Ticks { ends.max()?.elapsed ?? .zero }
}

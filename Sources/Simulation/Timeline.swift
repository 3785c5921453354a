public import Cost
public import Graph
import Parallelism
public import Units

/// When every node of a step graph ended; everything else about time follows from it.
///
/// One `Int64` per node: 50 MB for the flagship with 16 microbatches.
public struct Timeline: Sendable {
  public let graph: StepGraph
  public let costs: StepCosts
  /// End of each node in picoseconds, rank after rank.
  public let finishes: [Int64]
  /// Where each rank's operations begin in `finishes`; one more entry than ranks.
  public let firstNode: [Int]
  /// From the start of the step to the end of its last operation.
  public let makespan: Ticks

  public init(graph: StepGraph, costs: StepCosts, finishes: [Int64], firstNode: [Int]) {
    precondition(firstNode.count == graph.grid.worldSize + 1, "one node range per rank")
    self.graph = graph
    self.costs = costs
    self.finishes = finishes
    self.firstNode = firstNode
    makespan = Ticks(finishes.max() ?? 0)
  }

  /// The number of a node over all ranks.
  public func node(rank: Int, operation: Int) -> Int { firstNode[rank] + operation }

  /// When an operation ended on a rank.
  public func finish(rank: Int, operation: Int) -> Instant {
    Instant(finishes[firstNode[rank] + operation])
  }
}

extension Timeline {
  /// Whether two ranks of one stage ended all their operations at the same times.
  public func isEqual(_ rank: Int, _ other: Int) -> Bool {
    let count = firstNode[rank + 1] - firstNode[rank]
    guard count == firstNode[other + 1] - firstNode[other] else { return false }
    return finishes.withUnsafeBufferPointer { ends in
      ends[firstNode[rank]..<firstNode[rank + 1]]
        .elementsEqual(ends[firstNode[other]..<firstNode[other + 1]])
    }
  }
}

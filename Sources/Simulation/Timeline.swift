public import Cost
public import Graph
import Parallelism
public import Units

/// When every node of a step graph ended; everything else about time follows from it.
///
/// At most one `Int64` per node, 50 MB for the flagship with 16 microbatches; ranks that are bound to
/// do everything at the same time can share their ends. Where works hold each other up, starts do not
/// follow from ends and costs, and are kept too.
public struct Timeline: Sendable {
  public let graph: StepGraph
  public let costs: StepCosts
  /// From the start of the step to the end of its last operation.
  public let makespan: Ticks
  /// By rank, the lowest rank that it shares its ends with, because the two are bound to do everything
  /// at the same time; the rank itself where nothing is folded.
  public let representatives: [Int]
  /// Ends of nodes in picoseconds, in an order that `columns` knows.
  let ends: [Int64]
  /// When the own work of nodes began, in the same order; empty where costs tell.
  let starts: [Int64]
  /// By rank, where its ends lie.
  let columns: [Column]

  /// Where the ends of a rank's operations lie: one every `stride` from `first`.
  struct Column: Hashable {
    let first: Int
    let stride: Int
  }

  init(
    graph: StepGraph, costs: StepCosts, ends: [Int64], starts: [Int64] = [], columns: [Column],
    representatives: [Int], makespan: Ticks
  ) {
    precondition(columns.count == graph.grid.worldSize, "one column per rank")
    self.graph = graph
    self.costs = costs
    self.ends = ends
    self.starts = starts
    self.columns = columns
    self.representatives = representatives
    self.makespan = makespan
  }

  /// When an operation ended on a rank.
  public func finish(rank: Int, operation: Int) -> Instant {
    let column = columns[rank]
    return Instant(ends[column.first + operation * column.stride])
  }

  /// The end of each operation of a rank, in picoseconds.
  public func finishes(of rank: Int) -> [Int64] {
    let column = columns[rank]
    return ends.withUnsafeBufferPointer { ends in
      graph.program(of: rank).operations.indices.map { ends[column.first + $0 * column.stride] }
    }
  }

  /// When an operation's own work began on a rank, in picoseconds: a collective when its last member
  /// had arrived. Nil where it follows from the end and the cost.
  func start(rank: Int, operation: Int) -> Int64? {
    if starts.isEmpty { return nil }
    let column = columns[rank]
    return starts[column.first + operation * column.stride]
  }

  /// The end of each node in picoseconds, rank after rank: 8 bytes per node.
  public var finishes: [Int64] {
    (0..<graph.grid.worldSize).flatMap { finishes(of: $0) }
  }

  /// The end of a rank's last operation; `rankEnds` tells those of all ranks faster.
  public func end(of rank: Int) -> Instant { Instant(finishes(of: rank).max() ?? 0) }
}

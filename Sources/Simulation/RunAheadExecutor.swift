public import Cost
public import Graph
import Parallelism
public import Units

/// Plays a step graph without a queue or a clock: with fixed costs, first-in first-out streams make the
/// result independent of the order of processing, so each rank runs ahead until it must wait.
///
/// All ranks of a stage run the same program, so the sweep takes one operation at a time for all of
/// them: a row of ends, one column per rank. Between meetings a row is the latest of the rows that it
/// waits for, and a duration more. The same timeline as `EventDrivenExecutor`, to the picosecond.
///
/// - Complexity: O(nodes) time, 8 bytes per node; see `StepOutcome` for less.
public struct RunAheadExecutor: Sendable {
  private let graph: StepGraph
  private let costs: StepCosts
  private let folding: Folding
  /// Nil when some stream must overtake another, which only events can play.
  private let sweep: Sweep?

  /// - Parameter folding: which ranks share a column; every rank has its own unless given.
  public init(_ graph: StepGraph, costs: StepCosts, folding: Folding? = nil) {
    self.graph = graph
    self.costs = costs
    let folding = folding ?? Folding(unfolded: graph)
    self.folding = folding
    sweep = SweepOrder(graph).map { order in
      Sweep(
        program: SweepProgram(graph, costs: costs), order: order,
        meetings: ColumnMeetings(graph, costs: costs, folding: folding),
        widths: folding.representatives.map(\.count))
    }
  }

  /// Plays the step and keeps the end of every node.
  ///
  /// - Throws: `SimulationError.deadlock` naming operations that can never start.
  public func run() throws(SimulationError) -> Timeline {
    guard let sweep else { return try EventDrivenExecutor(graph, costs: costs).run() }
    let rows = RowPlan(dense: sweep.program, widths: sweep.widths)
    var ends: [[Int64]] = []
    let finishes = [Int64](unsafeUninitializedCapacity: rows.count) { buffer, count in
      ends = sweep.play(rows, in: buffer, kernels: columns(of: costs.kernels))
      count = rows.count
    }
    return Timeline(
      graph: graph, costs: costs, ends: finishes, columns: columns(of: sweep, in: rows),
      representatives: representatives, makespan: Ticks(ends.joined().max() ?? 0))
  }

  /// Plays the step and keeps only what is needed later on the way.
  ///
  /// - Throws: `SimulationError.deadlock` naming operations that can never start.
  public func outcome() throws(SimulationError) -> StepOutcome {
    try outcome(of: costs)
  }

  /// Plays the step with other draws of the random factors on kernels.
  ///
  /// What does not depend on the draws is worked out once, so a sample costs little more than the sweep.
  /// - Precondition: every rank has a column of its own, unless the factors of its class are alike.
  /// - Throws: `SimulationError.deadlock` naming operations that can never start.
  public func outcome(ofSample sample: Int) throws(SimulationError) -> StepOutcome {
    try outcome(of: costs.resampled(sample))
  }

  private func outcome(of costs: StepCosts) throws(SimulationError) -> StepOutcome {
    guard let sweep else {
      return StepOutcome(try EventDrivenExecutor(graph, costs: costs).run())
    }
    let rows = RowPlan(windowed: sweep.program, order: sweep.order, widths: sweep.widths)
    var ends: [[Int64]] = []
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: rows.count) { buffer in
      ends = sweep.play(rows, in: buffer, kernels: columns(of: costs.kernels))
    }
    return StepOutcome(
      ends: folding.column.enumerated().map { rank, column in
        Instant(ends[graph.grid.pipelineRank(of: rank)][Int(column)])
      })
  }

  /// What `run` keeps in memory, the programs apart.
  public var timelineSize: Bytes { folding.timelineSize(of: graph) }

  /// What `outcome` keeps in memory, the programs apart.
  public var outcomeSize: Bytes {
    guard let sweep else { return timelineSize }
    let rows = RowPlan(windowed: sweep.program, order: sweep.order, widths: sweep.widths)
    return Bytes(8 * rows.count)
  }

  /// Refuses a step before it is played if its timeline does not fit.
  ///
  /// - Throws: `SimulationError.tooLarge` with the numbers and what to do instead.
  public func checkTimeline(fits available: Bytes) throws(SimulationError) {
    guard timelineSize > available else { return }
    throw .tooLarge(
      nodes: graph.nodeCount, needed: timelineSize, available: available, outcome: outcomeSize,
      classes: folding.isTrivial ? Folding(graph, costs: costs).classes : nil)
  }

  private func columns(of kernels: KernelVariation?) -> ColumnVariation? {
    kernels.map { ColumnVariation($0, folding: folding) }
  }

  private var representatives: [Int] {
    folding.column.enumerated().map { rank, column in
      folding.representatives[graph.grid.pipelineRank(of: rank)][Int(column)]
    }
  }

  private func columns(of sweep: Sweep, in rows: RowPlan) -> [Timeline.Column] {
    let first = sweep.widths.indices.map { stage in
      let operation = sweep.program.firstOperation[stage]
      return operation < rows.offsets.count ? rows.offsets[operation] : rows.count
    }
    return folding.column.enumerated().map { rank, column in
      let stage = graph.grid.pipelineRank(of: rank)
      return Timeline.Column(first: first[stage] + Int(column), stride: sweep.widths[stage])
    }
  }
}

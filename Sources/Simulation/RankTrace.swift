import Cost
public import Graph
import Parallelism
import Units

/// When and why each operation of one rank began, worked out from a timeline.
///
/// A timeline keeps ends only; one pass over the rank's program restores the rest.
public struct RankTrace: Sendable {
  public let rank: Int
  public let program: StageProgram
  /// Whether the step has more than one pipeline stage.
  public let isPipelined: Bool
  /// End of each operation, in picoseconds.
  public let finishes: [Int64]
  /// When each operation had reached the head of its stream, been launched, and had its dependencies:
  /// for a kernel its start, for a collective or receive its arrival.
  public let arrivals: [Int64]
  /// When each operation's own work began: a collective's common start, a message's departure.
  public let starts: [Int64]
  /// What each operation waited for last.
  public let causes: [Cause]

  /// The last thing that an operation waited for before it could begin.
  public enum Cause: Hashable, Sendable {
    /// Nothing: it began with the step.
    case start
    /// An earlier operation of the same rank: a dependency or its stream's previous one.
    case operation(Int32)
    /// The host, which had been free since a time, released by an operation or by the step's start.
    case launch(since: Int64, blocker: Int32?)
  }

  /// - Complexity: O(operations + dependencies) of the rank's program.
  public init(_ timeline: Timeline, rank: Int) {
    self.rank = rank
    isPipelined = timeline.graph.programs.count > 1
    let graph = timeline.graph
    let program = graph.program(of: rank)
    let finishes = timeline.finishes(of: rank)
    let count = program.operations.count
    var arrivals = [Int64](repeating: 0, count: count)
    var starts = [Int64](repeating: 0, count: count)
    var causes = [Cause](repeating: .start, count: count)
    var previous = [Int32](repeating: -1, count: DeviceStream.allCases.count)
    var host = HostClock(timeline.costs)
    let groups = GroupIndexCache(graph, rank: rank)
    for (index, operation) in program.operations.enumerated() {
      var arrival: Int64 = 0
      var cause = Cause.start
      func wait(for other: Int32) {
        let end = finishes[Int(other)]
        if end > arrival {
          arrival = end
          cause = .operation(other)
        }
      }
      let stream = Int(operation.stream.rawValue)
      if previous[stream] >= 0 { wait(for: previous[stream]) }
      for dependency in program.dependencies(of: index) { wait(for: dependency) }
      previous[stream] = Int32(index)
      let launched = host.launch()
      if launched > arrival {
        arrival = launched
        cause = .launch(since: host.freeSince, blocker: host.blocker)
      }
      let finish = finishes[index]
      arrivals[index] = arrival
      causes[index] = cause
      let start =
        timeline.recordedStart(of: operation, index: index, rank: rank)
        ?? finish - duration(of: operation, at: index, in: timeline, rank: rank, groups: groups)
      starts[index] = max(arrival, start)
      if operation.blocksHost { host.release(by: Int32(index), at: finish) }
    }
    self.program = program
    self.finishes = finishes
    self.arrivals = arrivals
    self.starts = starts
    self.causes = causes
  }

  /// End of an operation.
  public func finish(_ operation: Int) -> Int64 { finishes[operation] }

  /// The last operation to end on this rank.
  public var lastOperation: Int? {
    finishes.indices.max { finishes[$0] < finishes[$1] }
  }
}

extension Timeline {
  /// When an operation's own work began, where that was recorded; a receive began with its message.
  fileprivate func recordedStart(of operation: Operation, index: Int, rank: Int) -> Int64? {
    guard case .receive = operation.meeting else { return start(rank: rank, operation: index) }
    let sender = graph.grid.rank(rank, movedToStage: operation.peer)
    return start(rank: sender, operation: operation.partner)
  }
}

/// How long an operation itself takes, waiting apart; a receive takes what its message does.
private func duration(
  of operation: Operation, at position: Int, in timeline: Timeline, rank: Int,
  groups: GroupIndexCache
) -> Int64 {
  let costs = timeline.costs
  let index: Int
  switch operation.meeting {
  case .none: return costs.duration(of: operation, at: position, on: rank).picoseconds
  case .collective(let family): index = groups.index(of: family)
  case .send, .receive:
    let peer = timeline.graph.grid.rank(rank, movedToStage: operation.peer)
    index = costs.pathIndex(from: rank, to: peer)
  }
  return costs.duration(ofWork: costs.pricedWork(of: operation), groupIndex: index).picoseconds
}

/// The numbers of one rank's groups.
private struct GroupIndexCache {
  private let indices: [Int]

  init(_ graph: StepGraph, rank: Int) {
    indices = GroupFamily.allCases.map { family in
      let stage = graph.grid.pipelineRank(of: rank)
      let isMember =
        family != .embedding || stage == 0 || stage == graph.grid.plan.pipeline - 1
      return isMember ? graph.grid.groupIndex(of: family, containing: rank) : 0
    }
  }

  func index(of family: GroupFamily) -> Int { indices[Int(family.rawValue)] }
}

/// The host of a rank: launches in program order, and stops at operations that block it.
private struct HostClock {
  private let launchTime: Int64
  private let sync: Int64
  private var now: Int64
  private(set) var freeSince: Int64 = 0
  private(set) var blocker: Int32?

  init(_ costs: StepCosts) {
    launchTime = costs.launch.picoseconds
    sync = costs.hostSync.picoseconds
    now = costs.graphLaunch.picoseconds
  }

  /// Launches the next operation and returns when that is done.
  mutating func launch() -> Int64 {
    now += launchTime
    return now
  }

  mutating func release(by operation: Int32, at finish: Int64) {
    now = max(now, finish) + sync
    freeSince = now
    blocker = operation
  }
}

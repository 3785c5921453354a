import Cost
import Graph
import Parallelism
public import Simulation
public import Units

/// How much later each operation could end without making the step longer, everything else unchanged.
///
/// A node's latest end is the least latest start of what follows it: its dependents, the next of its
/// stream, the receive of its message. Members of a collective share one latest end. The host's
/// launches are not moved.
public struct Slack: Sendable {
  private let latestFinishes: [Int64]
  private let timeline: Timeline

  /// - Complexity: O(nodes + edges) time, 8 bytes per node.
  public init(_ timeline: Timeline) {
    self.timeline = timeline
    var sweep = BackwardSweep(timeline)
    latestFinishes = sweep.run()
  }

  /// The slack of a node; zero on the critical path.
  public func of(rank: Int, operation: Int) -> Ticks {
    let node = timeline.node(rank: rank, operation: operation)
    return Ticks(latestFinishes[node] - timeline.finishes[node])
  }
}

/// Visits every rank's operations backwards, as far ahead as collectives and messages allow.
private struct BackwardSweep {
  private let timeline: Timeline
  private let grid: RankGrid
  private var latest: [Int64]
  /// For each rank, how many of its operations are still to be visited.
  private var left: [Int]
  private var arrived: [Int: (count: Int, latest: Int64)] = [:]
  /// For each rank, whether it waits for the receiver of its message.
  private var awaitsReceiver: [Bool]
  private var runnable: [Int]
  private let streams = DeviceStream.allCases.count

  init(_ timeline: Timeline) {
    self.timeline = timeline
    grid = timeline.graph.grid
    latest = [Int64](repeating: timeline.makespan.picoseconds, count: timeline.finishes.count)
    left = (0..<grid.worldSize).map { timeline.firstNode[$0 + 1] - timeline.firstNode[$0] }
    awaitsReceiver = [Bool](repeating: false, count: grid.worldSize)
    runnable = Array((0..<grid.worldSize).reversed())
  }

  mutating func run() -> [Int64] {
    while let rank = runnable.popLast() { runAhead(rank) }
    return latest
  }

  /// Visits a rank's operations until it must wait for another rank.
  private mutating func runAhead(_ rank: Int) {
    let program = timeline.graph.program(of: rank)
    let first = timeline.firstNode[rank]
    while left[rank] > 0 {
      let index = left[rank] - 1
      let operation = program.operations[index]
      switch operation.meeting {
      case .none: break
      case .send:
        let receiver = grid.rank(rank, movedToStage: operation.peer)
        guard left[receiver] <= operation.partner else {
          awaitsReceiver[rank] = true
          return
        }
        let received = latest[timeline.firstNode[receiver] + operation.partner]
        latest[first + index] = min(latest[first + index], received)
      case .receive: break
      case .collective(let family):
        guard let agreed = agree(rank, family, operation.partner, latest[first + index]) else {
          return
        }
        latest[first + index] = agreed
      }
      visit(rank, index, operation, program)
    }
  }

  /// Passes an operation's latest start on to what precedes it.
  private mutating func visit(
    _ rank: Int, _ index: Int, _ operation: Operation, _ program: StageProgram
  ) {
    let first = timeline.firstNode[rank]
    left[rank] = index
    let start = latest[first + index] - occupied(operation, rank: rank)
    for dependency in program.dependencies(of: index) {
      latest[first + Int(dependency)] = min(latest[first + Int(dependency)], start)
    }
    if let previous = previousOfStream(program, index) {
      latest[first + previous] = min(latest[first + previous], start)
    }
    guard operation.meeting == .receive else { return }
    let sender = grid.rank(rank, movedToStage: operation.peer)
    if awaitsReceiver[sender] {
      awaitsReceiver[sender] = false
      runnable.append(sender)
    }
  }

  /// The time that an operation holds its stream once it runs; a receive ends with its message.
  private func occupied(_ operation: Operation, rank: Int) -> Int64 {
    let index: Int
    switch operation.meeting {
    case .none: index = 0
    case .receive: return 0
    case .collective(let family): index = grid.groupIndex(of: family, containing: rank)
    case .send:
      index = timeline.costs.pathIndex(
        from: rank, to: grid.rank(rank, movedToStage: operation.peer))
    }
    return timeline.costs.duration(ofWork: operation.work, groupIndex: index).picoseconds
  }

  private var streamPredecessors: [Int: [Int32]] = [:]

  /// The operation before one on its stream.
  private mutating func previousOfStream(_ program: StageProgram, _ index: Int) -> Int? {
    let stage = program.pipelineRank
    if streamPredecessors[stage] == nil {
      var last = [Int32](repeating: -1, count: streams)
      streamPredecessors[stage] = program.operations.enumerated().map { position, operation in
        defer { last[Int(operation.stream.rawValue)] = Int32(position) }
        return last[Int(operation.stream.rawValue)]
      }
    }
    let previous = streamPredecessors[stage]?[index] ?? -1
    return previous < 0 ? nil : Int(previous)
  }

  /// Joins a collective backwards; the last member to join frees all of them.
  private mutating func agree(
    _ rank: Int, _ family: GroupFamily, _ call: Int, _ own: Int64
  ) -> Int64? {
    let group = grid.group(family, containing: rank)
    let key = (Int(family.rawValue) << 40) | group.base << 20 | call
    if let settled = arrived[key], settled.count == group.count { return settled.latest }
    var state = arrived[key] ?? (0, own)
    state = (state.count + 1, min(state.latest, own))
    arrived[key] = state
    guard state.count == group.count else { return nil }
    for member in group where member != rank { runnable.append(member) }
    return state.latest
  }
}

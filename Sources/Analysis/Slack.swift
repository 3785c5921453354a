import Cost
import Graph
import Parallelism
public import Simulation
public import Units

/// How much later each operation could end without making the step longer, everything else unchanged.
///
/// A node's latest end is the least latest start of what follows it: its dependents, the next of its
/// stream, the receive of its message, and for an operation that blocks the host whatever the host
/// launches next. Members of a collective share one latest end.
public struct Slack: Sendable {
  private let latestFinishes: [Int64]
  /// Where each rank's operations begin in `latestFinishes`.
  private let firstNode: [Int]
  private let timeline: Timeline

  /// - Precondition: the programs are in an order in which a rank could execute them one operation
  ///   at a time, as those of every pipeline order are.
  /// - Complexity: O(nodes + edges) time, 8 bytes per node.
  public init(_ timeline: Timeline) {
    self.timeline = timeline
    var sweep = BackwardSweep(timeline)
    firstNode = sweep.firstNode
    latestFinishes = sweep.run()
  }

  /// The slack of a node; zero on the critical path.
  public func of(rank: Int, operation: Int) -> Ticks {
    let latest = Instant(latestFinishes[firstNode[rank] + operation])
    return latest - timeline.finish(rank: rank, operation: operation)
  }
}

/// Visits every rank's operations backwards, as far ahead as collectives and messages allow.
private struct BackwardSweep {
  private let timeline: Timeline
  private let programs: [BackwardProgram]
  private var ranks: [Visitor]
  /// The latest end of each node, so far.
  private var latest: [Int64]
  /// What has gathered for each group's call.
  private var gatherings: [Gathering]
  /// By family: the groups of ranks, the number of the first group, and the members of each.
  private let groups: [GroupTable]
  private let firstGroup: [Int]
  private let groupSize: [Int]
  private var runnable: [Int]

  /// How far a rank has come.
  private struct Visitor {
    let firstNode: Int
    let stage: Int
    /// How many of its operations are still to be visited.
    var left: Int
    /// Whether it waits for the receiver of its message.
    var awaitsReceiver = false
    /// The latest end of the collective that it waited for, once all members have joined.
    var agreed: Int64?
    /// Another rank that has joined the same collective.
    var nextMember = -1
  }

  /// The members of a group that have joined a call.
  private struct Gathering {
    var latest = Int64.max
    var members = 0
    var lastMember = -1
  }

  init(_ timeline: Timeline) {
    let graph = timeline.graph
    self.timeline = timeline
    programs = graph.programs.map {
      BackwardProgram($0, costs: timeline.costs, stride: graph.grid.pipelineStride)
    }
    var nodes = 0
    ranks = (0..<graph.grid.worldSize).map { rank in
      let stage = graph.grid.pipelineRank(of: rank)
      let count = graph.programs[stage].operations.count
      defer { nodes += count }
      return Visitor(firstNode: nodes, stage: stage, left: count)
    }
    latest = [Int64](repeating: timeline.makespan.picoseconds, count: nodes)
    groups = GroupFamily.allCases.map { GroupTable($0, of: graph.grid) }
    firstGroup = groups.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    groupSize = GroupFamily.allCases.map(graph.grid.size)
    gatherings = [Gathering](repeating: Gathering(), count: firstGroup[groups.count])
    runnable = Array(ranks.indices.reversed())
  }

  /// Where each rank's operations begin.
  var firstNode: [Int] { ranks.map(\.firstNode) }

  mutating func run() -> [Int64] {
    while let rank = runnable.popLast() { runAhead(rank) }
    precondition(
      ranks.allSatisfy { $0.left == 0 }, "an operation waits for a later one of its program")
    return latest
  }

  /// Visits a rank's operations until it must wait for another rank.
  private mutating func runAhead(_ rank: Int) {
    let program = programs[ranks[rank].stage]
    let first = ranks[rank].firstNode
    while ranks[rank].left > 0 {
      let index = ranks[rank].left - 1
      let operation = program.operations[index]
      switch operation.meeting {
      case .none, .receive: break
      case .send:
        let receiver = ranks[rank + operation.distance]
        guard receiver.left <= operation.partner else {
          ranks[rank].awaitsReceiver = true
          return
        }
        let received = latest[receiver.firstNode + operation.partner]
        latest[first + index] = min(latest[first + index], received)
      case .collective(let family):
        guard let agreed = ranks[rank].agreed ?? join(family, rank, latest[first + index]) else {
          return
        }
        ranks[rank].agreed = nil
        latest[first + index] = agreed
      }
      let start = latest[first + index] - occupied(operation, at: index, rank: rank)
      program.forEachPredecessor(of: index) { predecessor, lead in
        latest[first + predecessor] = min(latest[first + predecessor], start - lead)
      }
      ranks[rank].left = index
      if operation.meeting == .receive { release(rank + operation.distance) }
    }
  }

  /// The time that an operation holds its stream once it runs; a receive ends with its message.
  private func occupied(_ operation: BackwardOperation, at position: Int, rank: Int) -> Int64 {
    if operation.isUniform { return operation.duration }
    let index: Int
    switch operation.meeting {
    case .receive: return operation.duration
    case .none:
      let kernel = timeline.graph.program(of: rank).operations[position]
      return timeline.costs.duration(of: kernel, at: position, on: rank).picoseconds
    case .collective(let family): index = Int(groups[Int(family.rawValue)].indices[rank])
    case .send: index = timeline.costs.pathIndex(from: rank, to: rank + operation.distance)
    }
    return timeline.costs.duration(ofWork: operation.work, groupIndex: index).picoseconds
  }

  /// Lets a sender go on that waited for its receiver.
  private mutating func release(_ sender: Int) {
    guard ranks[sender].awaitsReceiver else { return }
    ranks[sender].awaitsReceiver = false
    runnable.append(sender)
  }

  /// Joins a collective backwards; the last member to join frees the others and gets the result.
  private mutating func join(_ family: GroupFamily, _ rank: Int, _ own: Int64) -> Int64? {
    let table = groups[Int(family.rawValue)]
    let group = firstGroup[Int(family.rawValue)] + Int(table.indices[rank])
    gatherings[group].latest = min(gatherings[group].latest, own)
    gatherings[group].members += 1
    guard gatherings[group].members == groupSize[Int(family.rawValue)] else {
      ranks[rank].nextMember = gatherings[group].lastMember
      gatherings[group].lastMember = rank
      return nil
    }
    let agreed = gatherings[group].latest
    var member = gatherings[group].lastMember
    gatherings[group] = Gathering()
    while member >= 0 {
      ranks[member].agreed = agreed
      runnable.append(member)
      member = ranks[member].nextMember
    }
    return agreed
  }
}

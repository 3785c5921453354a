public import Cost
public import Graph
import Parallelism
import Units

/// Plays a step graph event by event: a time-ordered queue of what is running, and for every rank one
/// first-in, first-out stream per kind of work.
///
/// An operation starts when it is at the head of its stream, the host has launched it and its
/// dependencies have ended. A collective starts when its last member arrives and holds all members'
/// streams until it ends; a receive ends when its send has. There are no per-node counters: each
/// waiting stream remembers the one operation that it waits for.
///
/// With sharing, concurrent flows share links and kernels lend resources to the communication beside
/// them; without, everything takes what it costs alone.
///
/// - Complexity: O(nodes · log ranks) time, 8 bytes per node; 16 with sharing.
public struct EventDrivenExecutor {
  private static let streams = StreamLayout.streams

  private let graph: StepGraph
  private let costs: StepCosts
  private let schedule: StreamSchedule
  private let groups: GroupNumbering

  private var queue: EventQueue
  private var finishes: [Int64]
  /// When the own work of nodes began; empty without sharing, where costs tell.
  private var starts: [Int64]
  /// Rank after rank, one per stream.
  private var lanes: [Lane]
  private var ranks: [RankState]
  /// What has gathered for each group's next collective.
  private var gatherings: [Gathering]
  private var contention: Contention?

  /// - Parameter sharing: what works take from each other; nothing unless given.
  public init(_ graph: StepGraph, costs: StepCosts, sharing: StepSharing? = nil) {
    self.graph = graph
    self.costs = costs
    schedule = StreamSchedule(graph, costs: costs)
    groups = GroupNumbering(graph)
    lanes = []
    ranks = []
    var nodes = 0
    for rank in 0..<graph.grid.worldSize {
      let stage = graph.grid.pipelineRank(of: rank)
      ranks.append(
        RankState(firstNode: nodes, hostFree: costs.graphLaunch.picoseconds))
      nodes += graph.programs[stage].operations.count
      for stream in 0..<Self.streams {
        let first = stage * Self.streams + stream
        lanes.append(
          Lane(head: schedule.firstOfStream[first], end: schedule.firstOfStream[first + 1]))
      }
    }
    finishes = [Int64](repeating: -1, count: nodes)
    starts = sharing == nil ? [] : finishes
    gatherings = [Gathering](repeating: Gathering(), count: groups.sizes.count)
    let subjects = lanes.count + groups.sizes.count
    queue = EventQueue(subjects: subjects)
    contention = sharing.map {
      Contention(graph, sharing: $0, groups: groups, subjects: subjects)
    }
  }

  /// Plays the step to its end.
  ///
  /// - Throws: `SimulationError.deadlock` naming operations that can never start.
  public consuming func run() throws(SimulationError) -> Timeline {
    let laneCount = UInt32(lanes.count)
    for lane in lanes.indices { startHead(of: lane, now: 0) }
    var now: Int64 = 0
    while let event = nextEnd() {
      now = event.time
      if event.subject < laneCount {
        completeHead(of: Int(event.subject), now: now)
      } else {
        completeGroup(Int(event.subject - laneCount), now: now)
      }
    }
    let waiting = lanes.reduce(0) { $0 + Int($1.end - $1.head) }
    guard waiting == 0 else { throw deadlock(at: Instant(now), waiting: waiting) }
    return Timeline(
      graph: graph, costs: costs, ends: finishes, starts: starts,
      columns: ranks.map { Timeline.Column(first: $0.firstNode, stride: 1) },
      representatives: Array(ranks.indices), makespan: Ticks(finishes.max() ?? 0))
  }

  /// The next lane or group whose operation ends.
  private mutating func nextEnd() -> (time: Int64, subject: UInt32)? {
    contention == nil ? queue.next() : contention?.next(in: &queue)
  }

  /// Lets a lane or group run for what it takes, or longer where it is held up.
  private mutating func run(
    _ subject: Int, _ load: Contention.Load, from start: Int64, lasting duration: Int64, now: Int64
  ) {
    guard contention != nil else {
      queue.schedule(UInt32(subject), at: start + duration)
      return
    }
    contention?.schedule(
      UInt32(subject), load, from: start, lasting: duration, now: now, in: &queue)
  }

  /// Starts the operation at the head of a lane, or notes what it waits for.
  private mutating func startHead(of lane: Int, now: Int64) {
    let position = lanes[lane].head
    guard position < lanes[lane].end else { return }
    let operation = schedule.operations[Int(position)]
    let rank = lane / Self.streams
    let firstLane = rank * Self.streams
    var next = operation.needs.lowerBound
    while next < operation.needs.upperBound {
      let need = schedule.needs[Int(next)]
      if lanes[firstLane + Int(need.stream)].head <= need.position {
        lanes[lane].awaited = need.position
        return
      }
      next += 1
    }
    // Operations of earlier segments were launched before the host was last blocked.
    let isOfSegment = operation.segment == ranks[rank].segment
    let start = isOfSegment ? max(now, ranks[rank].hostFree + operation.launch) : now
    note(start, of: operation, rank: rank)
    switch operation.meeting {
    case .none:
      let load = Contention.Load.kernel(rank: Int32(rank), work: operation.work)
      let duration = duration(ofKernel: operation, on: rank)
      run(lane, load, from: start, lasting: duration, now: now)
    case .send:
      let load = Contention.Load.message(
        from: Int32(rank), to: Int32(rank) + operation.distance, work: operation.work)
      let duration = duration(ofSend: operation, from: rank)
      run(lane, load, from: start, lasting: duration, now: now)
    case .receive:
      let sender = rank + Int(operation.distance)
      if lanes[sender * Self.streams + Int(operation.partnerStream)].head > operation.partner {
        run(lane, .nothing, from: start, lasting: 0, now: now)
      } else {
        lanes[lane].posted = start
      }
    case .collective:
      join(lane, rank: rank, operation, at: start, now: now)
    }
  }

  private func duration(ofKernel operation: ScheduledOperation, on rank: Int) -> Int64 {
    if operation.isUniform { return operation.duration }
    let index = Int(operation.index)
    let kernel = graph.program(of: rank).operations[index]
    return costs.duration(of: kernel, at: index, on: rank).picoseconds
  }

  private mutating func note(_ start: Int64, of operation: ScheduledOperation, rank: Int) {
    if !starts.isEmpty { starts[ranks[rank].firstNode + Int(operation.index)] = start }
  }

  private func duration(ofSend operation: ScheduledOperation, from rank: Int) -> Int64 {
    if operation.isUniform { return operation.duration }
    let path = costs.pathIndex(from: rank, to: rank + Int(operation.distance))
    return costs.durations[Int(operation.entries) + path].picoseconds
  }

  /// Joins a collective; the last member to arrive starts it.
  private mutating func join(
    _ lane: Int, rank: Int, _ operation: ScheduledOperation, at start: Int64, now: Int64
  ) {
    let family = Int(operation.family)
    let group = Int(groups.numbers[family * ranks.count + rank])
    lanes[lane].nextMember = gatherings[group].lastMember
    gatherings[group].lastMember = Int32(lane)
    gatherings[group].members += 1
    gatherings[group].start = max(gatherings[group].start, start)
    guard gatherings[group].members == groups.sizes[group] else { return }
    var duration = operation.duration
    if !operation.isUniform {
      let entry = Int(operation.entries) + group - Int(groups.first[family])
      duration = costs.durations[entry].picoseconds
    }
    run(
      lanes.count + group, .collective(group: Int32(group), work: operation.work),
      from: gatherings[group].start, lasting: duration, now: now)
  }

  private mutating func completeHead(of lane: Int, now: Int64) {
    let rank = lane / Self.streams
    let position = lanes[lane].head
    let operation = schedule.operations[Int(position)]
    finishes[ranks[rank].firstNode + Int(operation.index)] = now
    lanes[lane].head = position + 1
    if operation.blocksHost {
      ranks[rank].segment += 1
      ranks[rank].hostFree = now + costs.hostSync.picoseconds
    }
    if operation.meeting == .send { deliver(operation, from: rank, now: now) }
    startHead(of: lane, now: now)
    var waiting = operation.wakes
    while waiting != 0 {
      let other = rank * Self.streams + waiting.trailingZeroBitCount
      waiting &= waiting - 1
      if lanes[other].awaited == position {
        lanes[other].awaited = Lane.nothing
        startHead(of: other, now: now)
      }
    }
  }

  /// Ends the receive of a message if it is already posted.
  private mutating func deliver(_ operation: ScheduledOperation, from sender: Int, now: Int64) {
    let receiver = sender + Int(operation.distance)
    let lane = receiver * Self.streams + Int(operation.partnerStream)
    guard lanes[lane].head == operation.partner, lanes[lane].posted >= 0 else { return }
    run(lane, .nothing, from: max(now, lanes[lane].posted), lasting: 0, now: now)
    lanes[lane].posted = -1
  }

  private mutating func completeGroup(_ group: Int, now: Int64) {
    var member = gatherings[group].lastMember
    let start = gatherings[group].start
    gatherings[group] = Gathering()
    while member != Lane.nothing {
      let lane = Int(member)
      member = lanes[lane].nextMember
      let operation = schedule.operations[Int(lanes[lane].head)]
      note(start, of: operation, rank: lane / Self.streams)
      completeHead(of: lane, now: now)
    }
  }
}

extension EventDrivenExecutor {
  private func deadlock(at time: Instant, waiting: Int) -> SimulationError {
    let blocked = lanes.indices.lazy.filter { lanes[$0].head < lanes[$0].end }
    return .deadlock(at: time, waiting: waiting, examples: blocked.prefix(8).map(blockage))
  }

  private func blockage(of lane: Int) -> Blockage {
    let rank = lane / Self.streams
    let program = graph.program(of: rank)
    let operation = program.operations[Int(schedule.operations[Int(lanes[lane].head)].index)]
    return Blockage(
      rank: rank, operation: operation.description,
      reason: reason(lane: lane, operation: operation, program: program))
  }

  private func reason(lane: Int, operation: Operation, program: StageProgram) -> String {
    let awaited = lanes[lane].awaited
    if awaited != Lane.nothing {
      return program.operations[Int(schedule.operations[Int(awaited)].index)].description
    }
    return switch operation.meeting {
    case .collective(let family): "the other members of its \(family.label) group"
    case .receive: "a message from stage \(operation.peer)"
    case .none, .send: "its turn"
    }
  }
}

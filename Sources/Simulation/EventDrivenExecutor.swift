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
/// - Complexity: O(nodes · log ranks) time, 8 bytes per node.
public struct EventDrivenExecutor {
  private static let streams = DeviceStream.allCases.count
  private static let nothing: Int32 = -1

  private let graph: StepGraph
  private let costs: StepCosts
  private let groups: GroupNumbering
  private let orders: [StreamOrder]
  private let stageOfRank: [Int32]
  private let firstNode: [Int]

  private var queue: EventQueue
  private var finishes: [Int64]
  /// For each lane (a rank's stream): how many of its operations have ended.
  private var headOfLane: [Int32]
  /// For each lane, the operation of the same rank whose end it awaits.
  private var awaitedByLane: [Int32]
  /// For each rank, how many times its host has been blocked and released.
  private var segmentOfRank: [Int32]
  /// For each rank, when its host began to launch the current segment.
  private var hostBase: [Int64]
  /// For each rank, when its waiting receive was posted; -1 when none waits.
  private var postedReceive: [Int64]
  /// For each group, how many members have arrived and when the latest did.
  private var arrivals: [Int32]
  private var latestArrival: [Int64]
  private var remaining: Int

  public init(_ graph: StepGraph, costs: StepCosts) {
    self.graph = graph
    self.costs = costs
    groups = GroupNumbering(graph)
    orders = graph.programs.map(StreamOrder.init)
    let ranks = graph.grid.worldSize
    stageOfRank = (0..<ranks).map { Int32(graph.grid.pipelineRank(of: $0)) }
    var firstNode = [0]
    for rank in 0..<ranks {
      firstNode.append(firstNode[rank] + graph.programs[Int(stageOfRank[rank])].operations.count)
    }
    self.firstNode = firstNode
    remaining = firstNode[ranks]
    finishes = [Int64](repeating: -1, count: remaining)
    queue = EventQueue(capacity: ranks * 4)
    headOfLane = [Int32](repeating: 0, count: ranks * Self.streams)
    awaitedByLane = [Int32](repeating: Self.nothing, count: ranks * Self.streams)
    segmentOfRank = [Int32](repeating: 0, count: ranks)
    hostBase = [Int64](repeating: 0, count: ranks)
    postedReceive = [Int64](repeating: -1, count: ranks)
    arrivals = [Int32](repeating: 0, count: groups.count)
    latestArrival = [Int64](repeating: 0, count: groups.count)
  }

  /// Plays the step to its end.
  ///
  /// - Throws: `SimulationError.deadlock` naming operations that can never start.
  public consuming func run() throws(SimulationError) -> Timeline {
    let lanes = UInt32(graph.grid.worldSize * Self.streams)
    for lane in 0..<Int(lanes) { startHead(of: lane, now: 0) }
    var now: Int64 = 0
    while let event = queue.next() {
      now = event.time
      if event.subject < lanes {
        completeHead(of: Int(event.subject), now: now)
      } else {
        completeGroup(Int(event.subject - lanes), now: now)
      }
    }
    guard remaining == 0 else { throw deadlock(at: Instant(now)) }
    return Timeline(graph: graph, costs: costs, finishes: finishes, firstNode: firstNode)
  }

  /// The operation at the head of a lane, or `nothing` past its end.
  private func head(of lane: Int) -> Int32 {
    let order = orders[Int(stageOfRank[lane / Self.streams])]
    let stream = lane % Self.streams
    let position = order.firstOfStream[stream] + headOfLane[lane]
    return position < order.firstOfStream[stream + 1]
      ? order.operations[Int(position)] : Self.nothing
  }

  private mutating func startHead(of lane: Int, now: Int64) {
    let index = head(of: lane)
    guard index != Self.nothing else { return }
    let rank = lane / Self.streams
    let stage = Int(stageOfRank[rank])
    let segment = segmentOfRank[rank]
    if orders[stage].segment[Int(index)] > segment {
      awaitedByLane[lane] = orders[stage].blockers[Int(segment)]
      return
    }
    let program = graph.programs[stage]
    let node = firstNode[rank]
    for position in program.dependencyStart[Int(index)]..<program.dependencyStart[Int(index) + 1] {
      let dependency = program.dependencies[Int(position)]
      if finishes[node + Int(dependency)] < 0 {
        awaitedByLane[lane] = dependency
        return
      }
    }
    let operation = program.operations[Int(index)]
    let start = max(now, launchTime(of: index, rank: rank, stage: stage))
    switch operation.meeting {
    case .none:
      queue.schedule(UInt32(lane), at: start + duration(operation.work, 0))
    case .send:
      let receiver = graph.grid.rank(rank, movedToStage: operation.peer)
      let path = costs.pathIndex(from: rank, to: receiver)
      queue.schedule(UInt32(lane), at: start + duration(operation.work, path))
    case .receive:
      let sender = graph.grid.rank(rank, movedToStage: operation.peer)
      let sent = finishes[firstNode[sender] + operation.partner]
      if sent >= 0 {
        queue.schedule(UInt32(lane), at: max(start, sent))
      } else {
        postedReceive[rank] = start
      }
    case .collective(let family):
      let row = Int(family.rawValue)
      let number = Int(groups.numberOfRank[row][rank])
      let group = Int(groups.first[row]) + number
      arrivals[group] += 1
      latestArrival[group] = max(latestArrival[group], start)
      if arrivals[group] == groups.size[row] {
        let end = latestArrival[group] + duration(operation.work, number)
        queue.schedule(UInt32(headOfLane.count + group), at: end)
      }
    }
  }

  /// When the host has launched an operation of its current segment.
  private func launchTime(of index: Int32, rank: Int, stage: Int) -> Int64 {
    let segment = Int(segmentOfRank[rank])
    let first = segment == 0 ? 0 : orders[stage].blockers[segment - 1] + 1
    return hostBase[rank] + Int64(index - first + 1) * costs.launch.picoseconds
  }

  private func duration(_ work: Int, _ groupIndex: Int) -> Int64 {
    costs.duration(ofWork: work, groupIndex: groupIndex).picoseconds
  }

  private mutating func completeHead(of lane: Int, now: Int64) {
    let rank = lane / Self.streams
    let index = head(of: lane)
    finishes[firstNode[rank] + Int(index)] = now
    headOfLane[lane] += 1
    remaining -= 1
    let stage = Int(stageOfRank[rank])
    let operation = graph.programs[stage].operations[Int(index)]
    if operation.blocksHost {
      let launched = launchTime(of: index, rank: rank, stage: stage)
      segmentOfRank[rank] += 1
      hostBase[rank] = max(now, launched) + costs.hostSync.picoseconds
    }
    if operation.meeting == .send { deliver(operation, from: rank, now: now) }
    startHead(of: lane, now: now)
    let firstLane = rank * Self.streams
    for other in firstLane..<(firstLane + Self.streams) where awaitedByLane[other] == index {
      awaitedByLane[other] = Self.nothing
      startHead(of: other, now: now)
    }
  }

  /// Ends the receive of a message if it is already posted.
  private mutating func deliver(_ operation: Operation, from sender: Int, now: Int64) {
    let receiver = graph.grid.rank(sender, movedToStage: operation.peer)
    guard postedReceive[receiver] >= 0 else { return }
    let lane = receiver * Self.streams + Int(DeviceStream.pipelineReceive.rawValue)
    guard head(of: lane) == Int32(operation.partner) else { return }
    queue.schedule(UInt32(lane), at: max(now, postedReceive[receiver]))
    postedReceive[receiver] = -1
  }

  private mutating func completeGroup(_ group: Int, now: Int64) {
    arrivals[group] = 0
    latestArrival[group] = 0
    let row = groups.first.lastIndex { $0 <= Int32(group) } ?? 0
    let family = groups.families[row]
    let members = groups.members(of: family, number: group - Int(groups.first[row]))
    for rank in members {
      let stream = groups.stream[row]
      completeHead(of: rank * Self.streams + stream, now: now)
    }
  }

  private func deadlock(at time: Instant) -> SimulationError {
    var examples: [Blockage] = []
    for lane in headOfLane.indices where examples.count < 8 {
      let index = head(of: lane)
      guard index != Self.nothing else { continue }
      let rank = lane / Self.streams
      let program = graph.programs[Int(stageOfRank[rank])]
      let operation = program.operations[Int(index)]
      examples.append(
        Blockage(
          rank: rank, operation: operation.description,
          reason: reason(lane: lane, operation: operation, program: program)))
    }
    return .deadlock(at: time, waiting: remaining, examples: examples)
  }

  private func reason(lane: Int, operation: Operation, program: StageProgram) -> String {
    let awaited = awaitedByLane[lane]
    if awaited != Self.nothing { return program.operations[Int(awaited)].description }
    return switch operation.meeting {
    case .collective(let family): "the other members of its \(family.label) group"
    case .receive: "a message from stage \(operation.peer)"
    case .none, .send: "its turn"
    }
  }
}

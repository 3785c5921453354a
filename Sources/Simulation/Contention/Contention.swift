import Cost
import Graph
import Parallelism

/// What runs at the same time and holds each other up: flows that share links, and kernels that lend
/// multiprocessors and memory bandwidth to the communication of their rank.
///
/// A job is what a lane or a group does; it has so much left to do at full speed, and a pace. When its
/// pace changes, its end moves; jobs that nothing holds up end when their fixed costs say, exactly.
struct Contention {
  /// What a job takes from others.
  enum Load {
    case nothing
    case kernel(rank: Int32, work: Int32)
    case collective(group: Int32, work: Int32)
    case message(from: Int32, to: Int32, work: Int32)
  }

  private struct Job {
    var load = Load.nothing
    /// Picoseconds at full speed, at the time `since`.
    var left = 0.0
    var since: Int64 = 0
    var pace = 1.0
    var end: Int64 = 0
    var flow: Int = -1
    var isRunning = false
    /// The place in the queue that stands for this job, and its time.
    var ticket: Int = -1
    var ticketTime: Int64 = 0
  }

  /// A place in the queue: for the begin or the end of a job, or given up.
  private struct Ticket {
    var subject: Int32
    var isBegin: Bool
  }

  /// What communication takes from a rank's device.
  private struct Device {
    var flows: Int32 = 0
    /// Bytes per second on the wire.
    var rate = 0.0
  }

  private let grid: RankGrid
  private let sharing: StepSharing
  /// The path of the first message.
  private let firstMessage: Int
  private let members: [[Int32]]
  /// By path, the rate at which its narrowest link is full.
  private let fastest: [Double]
  private var network: FlowNetwork
  private var jobs: [Job]
  private var tickets: [Ticket] = []
  private var free: [Int] = []
  private var devices: [Device]
  private var changed: [Int] = []
  /// By flow, its job.
  private var jobOfFlow: [Int32] = []

  /// The streams whose kernels compete with communication for multiprocessors.
  private static let kernelStreams = DeviceStream.allCases.filter(\.runsKernels).map {
    Int($0.rawValue)
  }

  /// - Parameter subjects: lanes and groups, as the event loop numbers them.
  init(_ graph: StepGraph, sharing: StepSharing, groups: GroupNumbering, subjects: Int) {
    let paths = FlowPaths(graph, links: sharing.links, groups: groups)
    self.sharing = sharing
    grid = graph.grid
    firstMessage = paths.firstMessage
    members = paths.members
    fastest = paths.paths.map { uses in
      uses.filter { $0.link < paths.firstUplink }
        .reduce(.infinity) { min($0, paths.capacities[$1.link] / $1.share) }
    }
    network = FlowNetwork(capacities: paths.capacities, paths: paths.paths)
    jobs = [Job](repeating: Job(), count: subjects)
    devices = [Device](repeating: Device(), count: graph.grid.worldSize)
  }

  /// Starts a job now or later.
  mutating func schedule(
    _ subject: UInt32, _ load: Load, from start: Int64, lasting duration: Int64, now: Int64,
    in queue: inout EventQueue
  ) {
    let subject = Int(subject)
    jobs[subject] = Job(load: load, left: Double(duration), since: start, end: start + duration)
    if start > now {
      issue(subject, isBegin: true, at: start, in: &queue)
    } else {
      begin(subject, now: start, in: &queue)
    }
  }

  /// The next lane or group to end.
  mutating func next(in queue: inout EventQueue) -> (time: Int64, subject: UInt32)? {
    while let event = queue.next() {
      let ticket = tickets[Int(event.subject)]
      free.append(Int(event.subject))
      guard ticket.subject >= 0 else { continue }
      let subject = Int(ticket.subject)
      jobs[subject].ticket = -1
      if ticket.isBegin {
        begin(subject, now: event.time, in: &queue)
      } else if jobs[subject].end > event.time {
        issue(subject, isBegin: false, at: jobs[subject].end, in: &queue)
      } else {
        finish(subject, now: event.time, in: &queue)
        return (event.time, UInt32(subject))
      }
    }
    return nil
  }

  private mutating func issue(
    _ subject: Int, isBegin: Bool, at time: Int64, in queue: inout EventQueue
  ) {
    let ticket = Ticket(subject: Int32(subject), isBegin: isBegin)
    let number = free.popLast() ?? tickets.count
    if number == tickets.count { tickets.append(ticket) } else { tickets[number] = ticket }
    jobs[subject].ticket = number
    jobs[subject].ticketTime = time
    queue.schedule(UInt32(number), at: time)
  }

  private mutating func begin(_ subject: Int, now: Int64, in queue: inout EventQueue) {
    jobs[subject].isRunning = true
    switch jobs[subject].load {
    case .nothing: break
    case .kernel(let rank, let work):
      setPace(of: subject, to: pace(ofWork: Int(work), on: Int(rank)), now: now, in: &queue)
    case .collective(_, let work), .message(_, _, let work):
      beginFlow(subject, path(of: jobs[subject].load), Int(work), now, in: &queue)
    }
    if jobs[subject].ticket < 0 {
      issue(subject, isBegin: false, at: jobs[subject].end, in: &queue)
    }
  }

  private mutating func beginFlow(
    _ subject: Int, _ path: Int, _ work: Int, _ now: Int64, in queue: inout EventQueue
  ) {
    guard let traffic = sharing.traffic[work], traffic.bytes > 0, jobs[subject].left > 0,
      members[path].count > 1
    else { return }
    let limit = min(traffic.bytes / (jobs[subject].left * 1e-12), fastest[path])
    let flow = network.start(path: path, limit: limit, changed: &changed)
    while jobOfFlow.count <= flow { jobOfFlow.append(-1) }
    jobOfFlow[flow] = Int32(subject)
    jobs[subject].flow = flow
    setPace(of: subject, to: network.pace(of: flow), now: now, in: &queue)
    repaceFlows(now: now, in: &queue)
    for member in members[path] {
      devices[Int(member)].flows += 1
      devices[Int(member)].rate += limit
      repaceKernels(of: Int(member), now: now, in: &queue)
    }
  }

  private func path(of load: Load) -> Int {
    switch load {
    case .nothing, .kernel: preconditionFailure("only communication takes a path")
    case .collective(let group, let work):
      let isAllToAll = sharing.traffic[Int(work)]?.pattern == .allToAll
      return FlowPaths.path(ofGroup: Int(group), isAllToAll: isAllToAll)
    case .message(let sender, let receiver, _):
      return firstMessage + Int(sender) * grid.plan.pipeline + grid.pipelineRank(of: Int(receiver))
    }
  }

  private mutating func finish(_ subject: Int, now: Int64, in queue: inout EventQueue) {
    jobs[subject].isRunning = false
    let flow = jobs[subject].flow
    guard flow >= 0 else { return }
    let path = path(of: jobs[subject].load)
    let limit = network.limit(of: flow)
    network.stop(flow, changed: &changed)
    repaceFlows(now: now, in: &queue)
    for member in members[path] {
      devices[Int(member)].flows -= 1
      let isIdle = devices[Int(member)].flows == 0
      devices[Int(member)].rate = isIdle ? 0 : devices[Int(member)].rate - limit
      repaceKernels(of: Int(member), now: now, in: &queue)
    }
  }

  private mutating func repaceFlows(now: Int64, in queue: inout EventQueue) {
    for flow in changed {
      setPace(of: Int(jobOfFlow[flow]), to: network.pace(of: flow), now: now, in: &queue)
    }
    changed.removeAll(keepingCapacity: true)
  }

  private mutating func repaceKernels(of rank: Int, now: Int64, in queue: inout EventQueue) {
    for stream in Self.kernelStreams {
      let lane = rank * StreamLayout.streams + stream
      guard jobs[lane].isRunning, case .kernel(_, let work) = jobs[lane].load else { continue }
      setPace(of: lane, to: pace(ofWork: Int(work), on: rank), now: now, in: &queue)
    }
  }

  private func pace(ofWork work: Int, on rank: Int) -> Double {
    guard devices[rank].flows > 0, let kernel = sharing.kernels[work] else { return 1 }
    return kernel.pace(memoryTaken: devices[rank].rate * sharing.memoryShare)
  }

  /// Moves a job's end. A later end waits until the queue gets to the old one; an earlier end needs a
  /// new place.
  private mutating func setPace(
    of subject: Int, to pace: Double, now: Int64, in queue: inout EventQueue
  ) {
    guard pace != jobs[subject].pace else { return }
    let done = Double(now - jobs[subject].since) * jobs[subject].pace
    jobs[subject].left = max(0, jobs[subject].left - done)
    jobs[subject].since = now
    jobs[subject].pace = pace
    jobs[subject].end = now + Int64((jobs[subject].left / pace).rounded())
    guard jobs[subject].ticket >= 0, jobs[subject].end < jobs[subject].ticketTime else { return }
    tickets[jobs[subject].ticket].subject = -1
    issue(subject, isBegin: false, at: jobs[subject].end, in: &queue)
  }
}

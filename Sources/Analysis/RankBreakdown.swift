import Graph
public import Parallelism
public import Simulation
public import Units

/// Where the time of one rank went; the classes sum to the step exactly.
public struct RankBreakdown: Hashable, Sendable {
  /// Indexed by `TimeClass.rawValue`, in picoseconds.
  private var spans: [Int64]
  /// Waiting for others to come, by family of groups and last for messages, in picoseconds.
  private var lateness: [Int64]

  init() {
    spans = [Int64](repeating: 0, count: TimeClass.allCases.count)
    lateness = [Int64](repeating: 0, count: GroupFamily.allCases.count + 1)
  }

  /// Time of a class.
  public subscript(_ timeClass: TimeClass) -> Ticks { Ticks(spans[Int(timeClass.rawValue)]) }

  /// All classes together: the length of the step.
  public var total: Ticks { Ticks(spans.reduce(0, +)) }

  /// Waiting for later members of a rank's groups of a family.
  ///
  /// All families and messages together are the classes `bubble` and `straggler`.
  public func lateness(in family: GroupFamily) -> Ticks { Ticks(lateness[Int(family.rawValue)]) }

  /// Waiting for messages that have not been sent.
  public var messageLateness: Ticks { Ticks(lateness[lateness.count - 1]) }

  /// Communication that nothing hides.
  public var exposedCommunication: Ticks {
    TimeClass.allCases.filter(\.isExposedCommunication).reduce(.zero) { $0 + self[$1] }
  }

  mutating func add(_ timeClass: TimeClass, from start: Int64, to end: Int64) {
    spans[Int(timeClass.rawValue)] += max(0, end - start)
  }

  /// Adds time in which others had yet to come.
  fileprivate mutating func addLateness(
    in meeting: Meeting, isPipelined: Bool, from start: Int64, to end: Int64
  ) {
    add(meeting.classOfLateness(isPipelined: isPipelined), from: start, to: end)
    let place =
      if case .collective(let family) = meeting { Int(family.rawValue) } else { lateness.count - 1 }
    lateness[place] += max(0, end - start)
  }

  static func += (sum: inout RankBreakdown, other: RankBreakdown) {
    for index in sum.spans.indices { sum.spans[index] += other.spans[index] }
    for index in sum.lateness.indices { sum.lateness[index] += other.lateness[index] }
  }
}

extension RankBreakdown {
  /// Breaks down a rank's time.
  ///
  /// Kernels on the compute stream are compute. Each gap before a kernel is followed back along what
  /// the kernel waited for: while an operation it needed was running, the gap is that axis'
  /// exposed communication; while that operation waited for a message or in a group that spans
  /// stages, a bubble; in a group of its own stage, a straggler; for its launch, the host. What
  /// remains behind the rank's last operation is idle tail.
  ///
  /// - Complexity: O(operations) of the rank.
  public init(_ trace: RankTrace, makespan: Ticks) {
    self.init()
    var cursor: Int64 = 0
    for (index, operation) in trace.program.operations.enumerated()
    where operation.stream == .compute {
      explain(trace, from: cursor, toEndOf: index)
      cursor = trace.finish(index)
    }
    if let last = trace.lastOperation {
      explain(trace, from: cursor, toEndOf: last)
      cursor = max(cursor, trace.finish(last))
    }
    add(.idleTail, from: cursor, to: makespan.picoseconds)
  }

  /// Attributes the time up to an operation's end, walking back along what was waited for last.
  private mutating func explain(_ trace: RankTrace, from start: Int64, toEndOf last: Int) {
    var operation = last
    while trace.finish(operation) > start {
      let node = trace.program.operations[operation]
      let began = trace.starts[operation]
      let arrived = trace.arrivals[operation]
      add(TimeClass(running: node.stream), from: max(start, began), to: trace.finish(operation))
      addLateness(
        in: node.meeting, isPipelined: trace.isPipelined, from: max(start, arrived), to: began)
      switch trace.causes[operation] {
      case .start: return
      case .operation(let cause): operation = Int(cause)
      case .launch(_, let blocker):
        // The host was held until the blocker ended, and a moment longer to notice.
        add(.launch, from: max(start, blocker.map { trace.finish(Int($0)) } ?? 0), to: arrived)
        guard let blocker else { return }
        operation = Int(blocker)
      }
    }
  }
}

extension Meeting {
  /// What it means that the others come later.
  fileprivate func classOfLateness(isPipelined: Bool) -> TimeClass {
    switch self {
    case .receive: .bubble
    case .collective(let family) where isPipelined && family.crossesStages: .bubble
    case .none, .send, .collective: .straggler
    }
  }
}

import Graph
import Parallelism
public import Simulation
public import Units

/// Where the time of one rank went; the classes sum to the step exactly.
public struct RankBreakdown: Hashable, Sendable {
  /// Indexed by `TimeClass.rawValue`, in picoseconds.
  private var spans: [Int64]

  init() { spans = [Int64](repeating: 0, count: TimeClass.allCases.count) }

  /// Time of a class.
  public subscript(_ timeClass: TimeClass) -> Ticks { Ticks(spans[Int(timeClass.rawValue)]) }

  /// All classes together: the length of the step.
  public var total: Ticks { Ticks(spans.reduce(0, +)) }

  /// Communication that nothing hides.
  public var exposedCommunication: Ticks {
    TimeClass.allCases.filter(\.isExposedCommunication).reduce(.zero) { $0 + self[$1] }
  }

  mutating func add(_ timeClass: TimeClass, from start: Int64, to end: Int64) {
    spans[Int(timeClass.rawValue)] += max(0, end - start)
  }

  static func += (sum: inout RankBreakdown, other: RankBreakdown) {
    for index in sum.spans.indices { sum.spans[index] += other.spans[index] }
  }
}

extension RankBreakdown {
  /// Breaks down a rank's time.
  ///
  /// Kernels on the compute stream are compute. Each gap before a kernel is followed back along what
  /// the kernel waited for: while an operation it needed was running, the gap is that axis'
  /// exposed communication; while that operation waited for a message or a member of another stage,
  /// a bubble; for a member of its own stage, a straggler; for its launch, the host. What remains
  /// behind the rank's last operation is idle tail.
  ///
  /// - Complexity: O(operations) of the rank.
  public init(_ trace: RankTrace, makespan: Ticks) {
    self.init()
    var cursor: Int64 = 0
    for (index, operation) in trace.program.operations.enumerated()
    where operation.stream == .compute {
      explain(trace, waiting: index, from: cursor, to: trace.arrivals[index])
      add(.compute, from: trace.starts[index], to: trace.finish(index))
      cursor = trace.finish(index)
    }
    if let last = trace.lastOperation {
      explain(trace, running: last, from: cursor, to: trace.finish(last))
      cursor = max(cursor, trace.finish(last))
    }
    add(.idleTail, from: cursor, to: makespan.picoseconds)
  }

  /// Attributes the time in which an operation could not begin.
  private mutating func explain(
    _ trace: RankTrace, waiting operation: Int, from start: Int64, to end: Int64
  ) {
    guard end > start else { return }
    switch trace.causes[operation] {
    case .start: add(.launch, from: start, to: end)
    case .operation(let cause): explain(trace, running: Int(cause), from: start, to: end)
    case .launch(let since, let blocker):
      add(.launch, from: max(start, since), to: end)
      guard let blocker, since > start else { return }
      // The host was held until the blocker ended, and a moment longer to notice.
      let held = trace.finish(Int(blocker))
      add(.launch, from: max(start, held), to: since)
      explain(trace, running: Int(blocker), from: start, to: min(held, since))
    }
  }

  /// Attributes the time up to an operation's end.
  private mutating func explain(
    _ trace: RankTrace, running operation: Int, from start: Int64, to end: Int64
  ) {
    guard end > start else { return }
    let node = trace.program.operations[operation]
    let began = trace.starts[operation]
    add(TimeClass(running: node.stream), from: max(start, began), to: end)
    let arrived = trace.arrivals[operation]
    let late: TimeClass =
      switch node.meeting {
      case .receive: .bubble
      case .collective(let family) where family.crossesStages: .bubble
      default: .straggler
      }
    add(late, from: max(start, arrived), to: min(end, began))
    explain(trace, waiting: operation, from: start, to: min(end, arrived))
  }
}

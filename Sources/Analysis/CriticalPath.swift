import Graph
import Parallelism
public import Simulation
public import Units

/// The chain of operations, over all ranks, that makes the step as long as it is.
///
/// Segments follow each other without gap or overlap from the start of the step to its end, so their
/// durations sum to the makespan exactly.
public struct CriticalPath: Sendable {
  /// One stretch of the path.
  public struct Segment: Hashable, Sendable {
    public let rank: Int
    /// Index into the rank's program: what runs, or what the host is launching.
    public let operation: Int
    public let start: Instant
    public let finish: Instant
    public let timeClass: TimeClass

    public var duration: Ticks { finish - start }
  }

  /// In order of time.
  public let segments: [Segment]

  /// Walks back from the last operation to end along what each waited for last.
  ///
  /// Ties go to the rank the path is on, then to the lowest rank.
  /// - Complexity: O(length of the path · group size + operations of the ranks it visits).
  public init(_ timeline: Timeline) {
    var walk = PathWalk(timeline)
    segments = walk.run()
  }

  /// Time of each class on the path.
  public var spans: [TimeClass: Ticks] {
    segments.reduce(into: [:]) { $0[$1.timeClass, default: .zero] += $1.duration }
  }

  /// Ranks in the order in which the path first visits them.
  public var ranks: [Int] {
    segments.reduce(into: []) { if !$0.contains($1.rank) { $0.append($1.rank) } }
  }
}

/// The walk itself: where it is and how far back it has come.
private struct PathWalk {
  private let timeline: Timeline
  /// By representative: ranks that share their ends also waited for the same.
  private var traces: [Int: RankTrace] = [:]
  private var segments: [CriticalPath.Segment] = []
  /// Everything from here to the end of the step is on the path already.
  private var cursor: Int64

  init(_ timeline: Timeline) {
    self.timeline = timeline
    cursor = timeline.makespan.picoseconds
  }

  mutating func run() -> [CriticalPath.Segment] {
    guard var node = lastNode else { return [] }
    while cursor > 0 {
      guard let previous = step(back: node) else { break }
      node = previous
    }
    return segments.reversed()
  }

  /// The first node to look for that ends with the step.
  private var lastNode: (rank: Int, operation: Int)? {
    guard let rank = timeline.rankEnds().firstIndex(of: Instant(cursor)) else { return nil }
    return timeline.finishes(of: rank).firstIndex(of: cursor).map { (rank, $0) }
  }

  private mutating func trace(of rank: Int) -> RankTrace {
    let representative = timeline.representatives[rank]
    if let known = traces[representative] { return known }
    let trace = RankTrace(timeline, rank: representative)
    traces[representative] = trace
    return trace
  }

  private mutating func add(_ rank: Int, _ operation: Int, from start: Int64, _ kind: TimeClass) {
    guard cursor > start else { return }
    segments.append(
      CriticalPath.Segment(
        rank: rank, operation: operation, start: Instant(start), finish: Instant(cursor),
        timeClass: kind))
    cursor = start
  }

  /// Puts a node on the path and returns what it waited for.
  private mutating func step(back node: (rank: Int, operation: Int))
    -> (rank: Int, operation: Int)?
  {
    var rank = node.rank
    var index = node.operation
    var trace = trace(of: rank)
    let operation = trace.program.operations[index]
    if operation.meeting == .receive, trace.arrivals[index] < cursor {
      let sender = timeline.graph.grid.rank(rank, movedToStage: operation.peer)
      return (sender, operation.partner)
    }
    add(rank, index, from: trace.starts[index], TimeClass(running: operation.stream))
    if case .collective(let family) = operation.meeting, trace.arrivals[index] < cursor {
      (rank, index) = lastToArrive(at: operation, family, from: rank)
      trace = self.trace(of: rank)
    }
    switch trace.causes[index] {
    case .start: return nil
    case .operation(let cause): return (rank, Int(cause))
    case .launch(let since, let blocker):
      add(rank, index, from: since, .launch)
      guard let blocker else {
        add(rank, index, from: 0, .launch)
        return nil
      }
      add(rank, index, from: trace.finish(Int(blocker)), .launch)
      return (rank, Int(blocker))
    }
  }

  /// The member whose arrival let a collective begin.
  private mutating func lastToArrive(
    at operation: Operation, _ family: GroupFamily, from rank: Int
  ) -> (rank: Int, operation: Int) {
    for member in timeline.graph.grid.group(family, containing: rank) {
      let trace = trace(of: member)
      let index = callIndex(operation.partner, of: family, in: trace.program)
      if trace.arrivals[index] == cursor { return (member, index) }
    }
    preconditionFailure("a collective begins when its last member arrives")
  }

  private var callIndices: [Int: [GroupFamily: [Int]]] = [:]

  /// The operation of a program that is a given call of a family.
  private mutating func callIndex(
    _ call: Int, of family: GroupFamily, in program: StageProgram
  ) -> Int {
    let stage = program.pipelineRank
    if let known = callIndices[stage]?[family] { return known[call] }
    let found = program.operations.indices.filter {
      program.operations[$0].meeting == .collective(family)
    }
    callIndices[stage, default: [:]][family] = found
    return found[call]
  }
}

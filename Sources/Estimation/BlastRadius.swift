public import Analysis
import Cost
import Graph
public import Parallelism
import Simulation
public import Units

/// What unequal ranks add to a step, where, and through which groups the delay spreads.
public struct BlastRadius: Sendable {
  /// What the ranks of a step do with time that an even step does not take.
  public enum Part: Hashable, Sendable {
    /// Run or wait for operations that themselves take longer.
    case running(TimeClass)
    /// Wait for later members of groups of a family.
    case waiting(GroupFamily)
    /// Wait for messages that have not been sent.
    case waitingForMessages
  }

  /// How a delay comes to a rank for the first time.
  public enum Entry: Hashable, Sendable {
    /// An operation of its own takes longer.
    case own
    /// A later member of its group.
    case group(GroupFamily)
    /// A later message.
    case message
  }

  /// From the end of the even step to the end of this; negative where it ends before.
  public let delay: Ticks
  /// What each part adds, summed over all ranks, without parts that stay the same. Their sum is ranks ×
  /// delay, exactly.
  public let added: [(part: Part, span: Ticks)]
  /// How many ranks a delay came to, by how it first did; the most first.
  public let reach: [(entry: Entry, ranks: Int)]
  /// Ranks that do nothing later than in the even step.
  public let untouched: Int

  /// - Parameters:
  ///   - estimate: of the step as it is.
  ///   - even: of the same scenario on equal ranks.
  /// - Complexity: O(nodes); ranks that share their ends are looked at once.
  public init(_ estimate: Estimate, against even: Estimate) {
    precondition(estimate.scenario == even.scenario, "two steps of one scenario")
    delay = estimate.timeline.makespan - even.timeline.makespan
    let (now, before) = (estimate.breakdown.sum, even.breakdown.sum)
    added = Part.all.compactMap { part in
      let span = part.span(in: now) - part.span(in: before)
      return span == .zero ? nil : (part, span)
    }
    var counts = [Int](repeating: 0, count: Entry.all.count)
    var known: [SIMD2<Int>: Int?] = [:]
    var untouched = 0
    for rank in 0..<estimate.scenario.plan.worldSize {
      let pair = SIMD2(
        estimate.timeline.representatives[rank], even.timeline.representatives[rank])
      let entry = known[pair] ?? estimate.entry(of: rank, against: even)
      known[pair] = .some(entry)
      if let entry { counts[entry] += 1 } else { untouched += 1 }
    }
    self.untouched = untouched
    reach = zip(Entry.all, counts).filter { $0.1 > 0 }.map { (entry: $0, ranks: $1) }
      .sorted { $0.ranks > $1.ranks }
  }
}

extension Estimate {
  /// How a delay first came to a rank, as an index into `Entry.all`; nil where none did.
  fileprivate func entry(of rank: Int, against even: Estimate) -> Int? {
    let now = timeline.finishes(of: rank)
    let before = even.timeline.finishes(of: rank)
    var first: Int?
    for index in now.indices where now[index] > before[index] {
      if first.map({ now[index] < now[$0] }) ?? true { first = index }
    }
    guard let first else { return nil }
    let entry: BlastRadius.Entry
    switch graph.program(of: rank).operations[first].meeting {
    case .none, .send: entry = .own
    case .receive: entry = .message
    case .collective(let family):
      let isLate =
        RankTrace(timeline, rank: rank).starts[first]
        > RankTrace(even.timeline, rank: rank).starts[first]
      entry = isLate ? .group(family) : .own
    }
    return BlastRadius.Entry.all.firstIndex(of: entry)
  }
}

extension BlastRadius.Part {
  /// Every part once; together they are all of a rank's time.
  static let all: [Self] =
    TimeClass.allCases.filter { $0 != .bubble && $0 != .straggler }.map { .running($0) }
    + GroupFamily.allCases.map { .waiting($0) } + [.waitingForMessages]

  fileprivate func span(in breakdown: RankBreakdown) -> Ticks {
    switch self {
    case .running(let timeClass): breakdown[timeClass]
    case .waiting(let family): breakdown.lateness(in: family)
    case .waitingForMessages: breakdown.messageLateness
    }
  }
}

extension BlastRadius.Entry {
  static let all: [Self] = [.own, .message] + GroupFamily.allCases.map { .group($0) }
}

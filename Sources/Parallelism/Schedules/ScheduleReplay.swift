/// A pipeline order played as soon as possible, with given times: when every slot runs.
///
/// A rank runs its slots strictly in order. A forward waits for the forward of the stage before, an
/// input gradient or backward for that of the stage after (at the last stage for its own forward), a
/// weight gradient for its input gradient. A backward is atomic, its gradient leaves at its end; a
/// co-scheduled pair waits for the inputs of both and emits both results at its end. Messages take
/// the latency and delay nobody else.
public struct ScheduleReplay: Hashable, Sendable {
  /// When one slot runs.
  public struct Interval: Hashable, Sendable {
    public let start: Double
    public let end: Double
  }

  public let order: PipelineOrder
  public let times: PassTimes
  /// By rank and slot; both halves of a pair have the pair's interval.
  public let intervals: [[Interval]]

  /// - Throws: `ScheduleError.deadlock` when some slot can never start.
  /// - Complexity: linear in the slots.
  public init(_ order: PipelineOrder, _ times: PassTimes = .equal) throws(ScheduleError) {
    var player = SlotPlayer(order, times)
    try player.play()
    self.order = order
    self.times = times
    intervals = player.intervals
  }

  /// The latest end; time 0 is the start of the first forward.
  public var makespan: Double { intervals.lazy.compactMap(\.last?.end).max() ?? 0 }

  /// From the first start to the last end of each rank.
  public var spans: [Double] {
    intervals.map { row in (row.last?.end ?? 0) - (row.first?.start ?? 0) }
  }

  /// The longest span: the measure under which ZB-H2 and ZB-V have no bubble.
  public var longestSpan: Double { spans.max() ?? 0 }

  /// The time in which each rank computes.
  public var busy: [Double] {
    zip(order.slots, intervals).map { slots, intervals in
      var total = 0.0
      var isSecondHalf = false
      for (slot, interval) in zip(slots, intervals) {
        if !isSecondHalf { total += interval.end - interval.start }
        isSecondHalf = slot.pairsWithNext
      }
      return total
    }
  }

  /// The share of the makespan in which ranks do not compute, over all ranks.
  public var bubbleFractionOfMakespan: Double {
    let whole = makespan * Double(order.ranks)
    return whole > 0 ? (whole - busy.reduce(0, +)) / whole : 0
  }

  /// Idle time over busy time, the convention of Megatron and the zero-bubble papers.
  public var bubbleOverIdeal: Double {
    let work = busy.reduce(0, +)
    return work > 0 ? (makespan * Double(order.ranks) - work) / work : 0
  }
}

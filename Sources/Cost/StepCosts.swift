public import Units

/// How long every operation of a step graph takes: what the simulator needs to know of a cluster.
public struct StepCosts: Hashable, Sendable {
  /// All durations; a work has one entry, or one per group where placements differ.
  public let durations: [Ticks]
  /// Where each work's entries begin in `durations`.
  public let offset: [Int]
  /// Whether a work has one entry per group.
  public let isPerGroup: [Bool]
  /// Host time to launch one operation.
  public let launch: Ticks
  /// Host time to notice that an operation it waited for has ended.
  public let hostSync: Ticks

  public init(
    durations: [Ticks], offset: [Int], isPerGroup: [Bool], launch: Ticks = .zero,
    hostSync: Ticks = .zero
  ) {
    self.durations = durations
    self.offset = offset
    self.isPerGroup = isPerGroup
    self.launch = launch
    self.hostSync = hostSync
  }

  /// The duration of a work in one of its groups.
  @inlinable public func duration(ofWork work: Int, groupIndex: Int) -> Ticks {
    durations[offset[work] + (isPerGroup[work] ? groupIndex : 0)]
  }
}

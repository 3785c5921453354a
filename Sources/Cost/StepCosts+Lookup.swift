public import Graph
public import Units

extension StepCosts {
  /// The duration of one work, before what its rank adds.
  ///
  /// - Parameters:
  ///   - work: index into the graph's works, or what `pricedWork` says.
  ///   - groupIndex: for a collective, `RankGrid.groupIndex`; for a message, `pathIndex`; for a kernel on
  ///     routed rows, `ExpertWorks.places`; ignored where the entries do not differ.
  @inlinable public func duration(ofWork work: Int, groupIndex: Int) -> Ticks {
    durations[offset[work] + (isPerGroup[work] ? groupIndex : 0)]
  }

  /// What `duration` wants as the index of a message from one rank to another.
  @inlinable public func pathIndex(from sender: Int, to receiver: Int) -> Int {
    if sender / domainSize == receiver / domainSize { return 0 }
    guard let rails else { return 1 }
    return 1 + Int(max(rails.levels[sender], rails.levels[receiver]))
  }

  /// The work that prices an operation: its own, or that of its routed rows.
  public func pricedWork(of operation: Operation) -> Int {
    guard let experts, operation.kind.followsRouting else { return operation.work }
    return Int(experts.works[operation.work])
  }

  /// The work of the graph that a priced work stands for.
  public func work(pricedBy work: Int) -> Int {
    guard let experts, work >= experts.works.count else { return work }
    return experts.works.firstIndex(of: Int32(work)) ?? work
  }

  /// What a kernel takes on a rank.
  ///
  /// - Parameters:
  ///   - kernel: an operation that meets nobody.
  ///   - index: its index in the rank's program.
  public func duration(of kernel: Operation, at index: Int, on rank: Int) -> Ticks {
    let priced = duration(
      ofWork: pricedWork(of: kernel), groupIndex: experts.map { Int($0.places[rank]) } ?? 0)
    guard let kernels, kernel.stream.runsKernels else { return priced }
    return Ticks(kernels.duration(priced.picoseconds, ofOperation: index, on: rank))
  }

  /// Whether two ranks could ever take different times for one kernel.
  public var haveUnequalKernels: Bool { kernels != nil || experts != nil }
}

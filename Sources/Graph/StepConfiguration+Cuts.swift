public import Parallelism

extension StepConfiguration {
  /// How the options cut the axes of a plan further.
  ///
  /// `shardingDegree` counts ranks of DP×CP; experts shard over as many instances. A degree that does
  /// not divide DP×CP is cut off here and refused by the lowering.
  public func axisCuts(of plan: ParallelPlan) -> AxisCuts {
    let replicas = plan.data * plan.context
    let instances = sharding == .none ? 1 : max(1, replicas / max(1, shardingDegree ?? replicas))
    let inner: Int =
      if case .hierarchical(let inner) = contextExchange, plan.context > 1 { inner } else { 1 }
    return AxisCuts(instances: instances, contextInner: inner)
  }

  /// The copies of the model that each replica's pipeline holds: two where microbatches enter from
  /// both ends.
  public var copies: Int { phase == .train ? schedule.placement.copies : 1 }

  /// Whether ZeRO shards over both copies of the model too, rather than over a degree asked for.
  public var shardsOverCopies: Bool { copies > 1 && shardingDegree == nil }

  /// Ranks over which ZeRO splits the state of a parameter.
  public func shards(ofExpert isExpert: Bool, under plan: ParallelPlan) -> Int {
    guard sharding.shardsOptimizer else { return 1 }
    let replicas = isExpert ? plan.expertData : plan.data * plan.context
    return max(1, replicas / axisCuts(of: plan).instances) * (shardsOverCopies ? copies : 1)
  }
}

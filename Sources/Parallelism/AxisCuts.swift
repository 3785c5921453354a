/// Axes of a plan that options of a step cut into an inner and an outer part.
public struct AxisCuts: Hashable, Sendable {
  /// Copies of the sharded state: ZeRO shards over `DP·CP / instances` and `EDP / instances` ranks
  /// (Megatron's `--num-distributed-optimizer-instances`).
  public let instances: Int
  /// Neighbouring context ranks that exchange heads before a ring joins such groups.
  public let contextInner: Int

  public init(instances: Int = 1, contextInner: Int = 1) {
    self.instances = instances
    self.contextInner = contextInner
  }

  /// Whether every part is a whole number of ranks.
  public func fit(_ plan: ParallelPlan) -> Bool {
    guard instances >= 1, contextInner >= 1, plan.context % contextInner == 0 else { return false }
    let replicas = plan.context * plan.data
    guard replicas % instances == 0, plan.expertData % instances == 0 else { return false }
    let shard = replicas / instances
    return shard <= plan.context ? plan.context % shard == 0 : shard % plan.context == 0
  }
}

/// Cuts a product of axes, fastest first, into an inner part of a given size and the rest.
///
/// - Precondition: the size divides or is a multiple of every product of leading axes.
func cut(_ axes: [RankGroup.Axis], at size: Int) -> (
  inner: [RankGroup.Axis], outer: [RankGroup.Axis]
) {
  var rest = size
  var inner: [RankGroup.Axis] = []
  var outer: [RankGroup.Axis] = []
  for axis in axes {
    let part = min(rest, axis.size)
    inner.append(.init(size: part, stride: axis.stride))
    outer.append(.init(size: axis.size / part, stride: axis.stride * part))
    rest /= part
  }
  return (inner, outer)
}

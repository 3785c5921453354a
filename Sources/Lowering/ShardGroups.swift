import Graph
import Parallelism
import Units

/// Over which groups ZeRO shards parameters, gradients and optimizer state, and over which it copies
/// the shards.
struct ShardGroups {
  private let plan: ParallelPlan
  private let configuration: StepConfiguration
  /// Copies of every shard; 1 unless sharding is hybrid.
  let instances: Int

  init(_ plan: ParallelPlan, _ configuration: StepConfiguration) {
    self.plan = plan
    self.configuration = configuration
    instances = configuration.axisCuts(of: plan).instances
  }

  /// Ranks that hold copies of a parameter without ZeRO.
  func replicas(ofExpert isExpert: Bool) -> Int {
    isExpert ? plan.expertData : plan.data * plan.context
  }

  /// Ranks over which the state of a parameter is split.
  func shards(ofExpert isExpert: Bool) -> Int { replicas(ofExpert: isExpert) / instances }

  /// The group that reduces and gathers: all replicas, or one instance of the shards.
  func family(ofExpert isExpert: Bool) -> GroupFamily {
    guard instances > 1 else { return isExpert ? .expertData : .dataContext }
    return isExpert ? .expertShard : .shard
  }

  /// The sum over the copies of one shard; nil where there is one copy.
  func replicaReduce(ofShard bytes: Bytes, isExpert: Bool) -> Collective? {
    guard instances > 1 else { return nil }
    return Collective(
      .allReduce, over: isExpert ? .expertReplica : .replica, input: bytes, output: bytes)
  }

  /// The gather of a buffer of parameters, nil where it is not sharded.
  func gather(elements: Int, isExpert: Bool) -> Collective? {
    let shards = shards(ofExpert: isExpert)
    guard shards > 1 else { return nil }
    let whole = Bytes(configuration.format.width * elements)
    return Collective(
      .allGather, over: family(ofExpert: isExpert), input: whole / shards, output: whole)
  }

  /// The reduction of a buffer of fp32 gradients to shards, nil where it is not sharded.
  func scatter(elements: Int, isExpert: Bool) -> Collective? {
    let shards = shards(ofExpert: isExpert)
    guard shards > 1 else { return nil }
    let whole = Bytes(4 * elements)
    return Collective(
      .reduceScatter, over: family(ofExpert: isExpert), input: whole, output: whole / shards)
  }
}

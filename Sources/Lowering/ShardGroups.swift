import Graph
import Parallelism
import Units

/// Over which groups ZeRO shards parameters, gradients and optimizer state, and over which it copies
/// the shards.
///
/// Where the pipeline holds two copies of the model, the ranks of the mirrored stage are replicas like
/// the others: the sum over the two copies is part of the data-parallel reduction, and no collective of
/// its own.
/// - SeeAlso: Li and Hoefler, "Chimera", SC 2021, section 3.2, which merges both the same way.
struct ShardGroups {
  private let plan: ParallelPlan
  private let configuration: StepConfiguration
  /// Copies of every shard in one stage; 1 unless sharding is hybrid.
  private let instances: Int

  init(_ plan: ParallelPlan, _ configuration: StepConfiguration) {
    self.plan = plan
    self.configuration = configuration
    instances = configuration.axisCuts(of: plan).instances
  }

  /// Ranks that hold copies of a parameter without ZeRO.
  func replicas(ofExpert isExpert: Bool) -> Int {
    (isExpert ? plan.expertData : plan.data * plan.context) * configuration.copies
  }

  /// Ranks over which the state of a parameter is split.
  func shards(ofExpert isExpert: Bool) -> Int {
    configuration.shards(ofExpert: isExpert, under: plan)
  }

  /// Whether shards are copied.
  private var isHybrid: Bool {
    configuration.sharding.shardsOptimizer
      && (instances > 1 || configuration.copies > 1 && !configuration.shardsOverCopies)
  }

  /// The group that reduces and gathers: all replicas, or one instance of the shards.
  func family(ofExpert isExpert: Bool) -> GroupFamily {
    if isHybrid { return isExpert ? .expertShard : .shard }
    if configuration.copies > 1 { return isExpert ? .mirrorExpertData : .mirrorDataContext }
    return isExpert ? .expertData : .dataContext
  }

  /// The sum over the copies of one shard; nil where there is one copy.
  func replicaReduce(ofShard bytes: Bytes, isExpert: Bool) -> Collective? {
    guard isHybrid else { return nil }
    let family: GroupFamily =
      if configuration.copies > 1 {
        isExpert ? .mirrorExpertReplica : .mirrorReplica
      } else {
        isExpert ? .expertReplica : .replica
      }
    return Collective(.allReduce, over: family, input: bytes, output: bytes)
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

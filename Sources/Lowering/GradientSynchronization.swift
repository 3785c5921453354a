import Graph
import Parallelism
import Units

/// Which collectives keep the replicas of one stage's parameters equal.
struct GradientSynchronization {
  /// All buckets of the stage, chunk after chunk, dense before expert.
  let buckets: [(chunk: Int, bucket: GradientBucket)]
  private let groups: ShardGroups
  private let configuration: StepConfiguration

  init(
    of shards: [ParameterShard], pipelineRank: Int, plan: ParallelPlan,
    configuration: StepConfiguration
  ) {
    groups = ShardGroups(plan, configuration)
    self.configuration = configuration
    var buckets: [(chunk: Int, bucket: GradientBucket)] = []
    for chunk in 0..<plan.virtualPipeline {
      for isExpert in [false, true] {
        // Megatron cuts buffers only where the backward ends last: the first chunk of the first rank.
        let isSplit = configuration.overlapsGradientReduce && pipelineRank == 0 && chunk == 0
        // One limit for both buffers, from the data-parallel degree of dense parameters.
        let limit = isSplit ? max(40_000_000, 1_000_000 * plan.data * plan.context) : nil
        let found = GradientBucket.buckets(
          of: shards, chunk: chunk, isExpert: isExpert,
          replicas: isExpert ? plan.expertData : plan.data * plan.context, limit: limit,
          isPadded: configuration.sharding.shardsOptimizer)
        buckets += found.map { (chunk, $0) }
      }
    }
    self.buckets = buckets
  }

  /// The reductions of one chunk's gradients in one backward; none where nothing is replicated.
  ///
  /// ZeRO-2 keeps shards of the gradients, so every microbatch reduces its own; copies of the shards
  /// (hybrid sharding) are added up once, behind the last. ZeRO-3 reduces layer by layer
  /// (`ParameterSharding`).
  /// - Parameter isLast: whether the backward is the chunk's last of the step.
  func reductions(ofChunk chunk: Int, isLast: Bool) -> [BucketReduction] {
    guard configuration.sharding != .parameters,
      isLast || configuration.sharding.shardsGradients
    else { return [] }
    return buckets.filter { $0.chunk == chunk }.flatMap { _, bucket -> [BucketReduction] in
      let collectives = collectives(of: bucket, isLast: isLast)
      return collectives.isEmpty
        ? []
        : [
          BucketReduction(
            kind: bucket.isExpert ? .expertGradientReduce : .gradientReduce,
            pass: isLast ? .step : .weightGradient, parameters: Set(bucket.members),
            collectives: collectives)
        ]
    }
  }

  /// The reduction of a bucket, then that of the copies of its shards.
  private func collectives(of bucket: GradientBucket, isLast: Bool) -> [Collective] {
    let isExpert = bucket.isExpert
    guard configuration.sharding.shardsOptimizer else {
      guard groups.replicas(ofExpert: isExpert) > 1 else { return [] }
      let gradients = Bytes(4 * bucket.elements)
      return [
        Collective(
          .allReduce, over: groups.family(ofExpert: isExpert), input: gradients, output: gradients)
      ]
    }
    let shard = Bytes(4 * bucket.elements) / groups.shards(ofExpert: isExpert)
    let copies = isLast ? groups.replicaReduce(ofShard: shard, isExpert: isExpert) : nil
    return [groups.scatter(elements: bucket.elements, isExpert: isExpert), copies].compactMap { $0 }
  }

  /// The gathers of updated parameters, in the order in which a forward needs them.
  func gathers() -> [(chunk: Int, kind: OperationKind, members: [Int], collective: Collective)] {
    guard configuration.sharding.shardsOptimizer, configuration.sharding != .parameters else {
      return []
    }
    let order = buckets.indices.sorted { a, b in
      (buckets[a].chunk, -a) < (buckets[b].chunk, -b)
    }
    return order.map { buckets[$0] }.compactMap { chunk, bucket in
      groups.gather(elements: bucket.elements, isExpert: bucket.isExpert).map {
        (chunk, bucket.isExpert ? .expertParameterGather : .parameterGather, bucket.members, $0)
      }
    }
  }
}

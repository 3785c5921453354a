import Graph
import Parallelism
import Units

/// Which collectives keep the replicas of one stage's parameters equal.
struct GradientSynchronization {
  /// All buckets of the rank, chunk after chunk, dense before expert.
  let buckets: [(chunk: Int, bucket: GradientBucket)]
  /// The stage of each chunk.
  private let stages: [Int]
  /// The chunk of the embedding, where another chunk is the last to add to its gradient.
  private let sharedChunk: Int?
  private let shards: [ParameterShard]
  private let groups: ShardGroups
  private let configuration: StepConfiguration

  /// - Parameters:
  ///   - stages: the stage of each chunk of the rank.
  ///   - sharesEmbedding: whether a chunk without the first stage is the last to add to the gradient of
  ///     the embedding.
  init(
    of shards: [ParameterShard], stages: [Int], sharesEmbedding: Bool, plan: ParallelPlan,
    configuration: StepConfiguration
  ) {
    let groups = ShardGroups(plan, configuration)
    self.groups = groups
    self.configuration = configuration
    self.stages = stages
    self.shards = shards
    sharedChunk = sharesEmbedding ? stages.firstIndex(of: 0) : nil
    var buckets: [(chunk: Int, bucket: GradientBucket)] = []
    for (chunk, stage) in stages.enumerated() {
      for isExpert in [false, true] {
        // Megatron cuts buffers only where the backward ends last: the first stage.
        let isSplit = configuration.overlapsGradientReduce && stage == 0
        // One limit for both buffers, from the data-parallel degree of dense parameters.
        let limit =
          isSplit ? max(40_000_000, 1_000_000 * groups.replicas(ofExpert: false)) : nil
        let found = GradientBucket.buckets(
          of: shards, chunk: chunk, isExpert: isExpert,
          replicas: groups.replicas(ofExpert: isExpert), limit: limit,
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
    return buckets.filter { $0.chunk == chunk && !(isLast && isShared($0)) }
      .compactMap { reduction(of: $0.bucket, isLast: isLast) }
  }

  /// The reductions that no chunk's backward completes alone.
  var closingReductions: [(chunk: Int, reduction: BucketReduction)] {
    guard configuration.sharding != .parameters else { return [] }
    return buckets.filter(isShared).compactMap { chunk, bucket in
      reduction(of: bucket, isLast: true).map { (chunk, $0) }
    }
  }

  private func isShared(_ entry: (chunk: Int, bucket: GradientBucket)) -> Bool {
    entry.chunk == sharedChunk
      && entry.bucket.members.contains { shards[$0].owner == .embeddingLookup }
  }

  private func reduction(of bucket: GradientBucket, isLast: Bool) -> BucketReduction? {
    let collectives = collectives(of: bucket, isLast: isLast)
    guard !collectives.isEmpty else { return nil }
    return BucketReduction(
      kind: bucket.isExpert ? .expertGradientReduce : .gradientReduce,
      pass: isLast ? .step : .weightGradient, parameters: Set(bucket.members),
      collectives: collectives)
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

  /// The gathers of updated parameters, in the order in which a microbatch needs them; that is the same
  /// for both ranks that hold copies of a stage.
  func gathers() -> [(chunk: Int, kind: OperationKind, members: [Int], collective: Collective)] {
    guard configuration.sharding.shardsOptimizer, configuration.sharding != .parameters else {
      return []
    }
    let order = buckets.indices.sorted { a, b in
      (stages[buckets[a].chunk], -a) < (stages[buckets[b].chunk], -b)
    }
    return order.map { buckets[$0] }.compactMap { chunk, bucket in
      groups.gather(elements: bucket.elements, isExpert: bucket.isExpert).map {
        (chunk, bucket.isExpert ? .expertParameterGather : .parameterGather, bucket.members, $0)
      }
    }
  }
}

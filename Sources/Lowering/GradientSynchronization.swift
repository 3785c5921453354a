import Graph
import Parallelism
import Units

/// Which collectives keep the replicas of one stage's parameters equal.
struct GradientSynchronization {
  /// All buckets of the stage, chunk after chunk, dense before expert.
  let buckets: [(chunk: Int, bucket: GradientBucket)]
  private let plan: ParallelPlan
  private let configuration: StepConfiguration

  init(
    of shards: [ParameterShard], pipelineRank: Int, plan: ParallelPlan,
    configuration: StepConfiguration
  ) {
    self.plan = plan
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

  /// The reductions of one chunk's gradients; none where nothing is replicated.
  func reductions(ofChunk chunk: Int) -> [BucketReduction] {
    buckets.filter { $0.chunk == chunk }.compactMap { _, bucket in
      let family = family(of: bucket)
      guard replicas(of: bucket) > 1 else { return nil }
      let gradients = Bytes(4 * bucket.elements)
      let collective =
        configuration.sharding.shardsOptimizer
        ? Collective(
          .reduceScatter, over: family, input: gradients,
          output: gradients / replicas(of: bucket))
        : Collective(.allReduce, over: family, input: gradients, output: gradients)
      return BucketReduction(
        kind: bucket.isExpert ? .expertGradientReduce : .gradientReduce,
        parameters: Set(bucket.members), collective: collective)
    }
  }

  /// The gathers of updated parameters, in the order in which a forward needs them.
  func gathers() -> [(chunk: Int, kind: OperationKind, members: [Int], collective: Collective)] {
    guard configuration.sharding.shardsOptimizer else { return [] }
    let order = buckets.indices.sorted { a, b in
      (buckets[a].chunk, -a) < (buckets[b].chunk, -b)
    }
    return order.map { buckets[$0] }.compactMap { chunk, bucket in
      guard replicas(of: bucket) > 1 else { return nil }
      let parameters = Bytes(configuration.format.width * bucket.elements)
      return (
        chunk, bucket.isExpert ? .expertParameterGather : .parameterGather, bucket.members,
        Collective(
          .allGather, over: family(of: bucket), input: parameters / replicas(of: bucket),
          output: parameters)
      )
    }
  }

  private func family(of bucket: GradientBucket) -> GroupFamily {
    bucket.isExpert ? .expertData : .dataContext
  }

  private func replicas(of bucket: GradientBucket) -> Int {
    bucket.isExpert ? plan.expertData : plan.data * plan.context
  }
}

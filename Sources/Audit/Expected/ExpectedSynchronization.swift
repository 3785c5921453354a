import Graph
import Model
import Parallelism

/// The end of a training step on one pipeline rank, by the rules of Megatron's distributed
/// data-parallel wrapper and distributed optimizer.
struct ExpectedSynchronization {
  let sizes: StepSizes
  let map: StageMap
  let pipelineRank: Int
  /// The group that agrees on the norm of the gradients.
  let gradientNormGroup: GroupFamily
  /// The parameters of each chunk of the rank.
  let chunks: [ParameterShards]

  private var configuration: StepConfiguration { sizes.configuration }

  var operations: [ExpectedStepOperation] {
    guard sizes.isTraining else { return [] }
    return dataParallel + agreement + optimizer + reports
  }

  /// Gradient reductions and parameter gathers, dense and expert; where parameters are sharded these
  /// belong to the layers.
  private var dataParallel: [ExpectedStepOperation] {
    guard configuration.sharding != .parameters else { return [] }
    return [false, true].flatMap { isExpert -> [ExpectedStepOperation] in
      let buckets = buckets(ofExperts: isExpert)
      guard !buckets.isEmpty else { return [] }
      return reductions(isExpert, buckets) + gathers(isExpert, buckets)
    }
  }

  private func buckets(ofExperts isExpert: Bool) -> [Int] {
    let limit = gradientBucketLimit(ranks: sizes.replicas(ofExperts: false))
    return chunks.enumerated().flatMap { chunk, shards in
      let isCut =
        map.order.stage(rank: pipelineRank, chunk: chunk) == 0
        && configuration.overlapsGradientReduce
      return gradientBuckets(
        of: shards.elements(ofExperts: isExpert),
        ranks: sizes.replicas(ofExperts: isExpert), limit: isCut ? limit : nil,
        isPadded: configuration.sharding.shardsOptimizer)
    }
  }

  /// One reduction per bucket, in every microbatch where shards of the gradients are kept; copies of
  /// the shards are added up once.
  private func reductions(_ isExpert: Bool, _ buckets: [Int]) -> [ExpectedStepOperation] {
    let kind: OperationKind = isExpert ? .expertGradientReduce : .gradientReduce
    let family = sizes.shardFamily(ofExperts: isExpert)
    let bytes = 4 * buckets.reduce(0, +)
    guard configuration.sharding.shardsOptimizer else {
      return [reduction(kind, .allReduce, family, in: bytes, out: bytes, count: buckets.count)]
        .compactMap(\.self)
    }
    // Through each chunk run the microbatches of its copy of the model.
    let times =
      configuration.sharding.shardsGradients ? configuration.microbatches / sizes.copies : 1
    let shard = bytes / sizes.size(of: family)
    return [
      reduction(
        kind, .reduceScatter, family, in: times * bytes, out: times * shard,
        count: times * buckets.count),
      reduction(
        kind, .allReduce, sizes.copyFamily(ofExperts: isExpert), in: shard, out: shard,
        count: buckets.count),
    ].compactMap(\.self)
  }

  private func reduction(
    _ kind: OperationKind, _ operation: CollectiveOperation, _ family: GroupFamily?, in input: Int,
    out: Int, count: Int
  ) -> ExpectedStepOperation? {
    sizes.collective(operation, over: family, in: input, out: out).map {
      ExpectedStepOperation(kind: kind, count: count...count, collective: $0, after: [])
    }
  }

  private func gathers(_ isExpert: Bool, _ buckets: [Int]) -> [ExpectedStepOperation] {
    let family = sizes.shardFamily(ofExperts: isExpert)
    let bytes = sizes.width * buckets.reduce(0, +)
    guard configuration.sharding.shardsOptimizer,
      let collective = sizes.collective(
        .allGather, over: family, in: bytes / sizes.size(of: family), out: bytes)
    else { return [] }
    // Without overlap the buckets may travel in one call or one by one. With overlap they travel
    // ahead of the first forward, with what the optimizer of the step before has written.
    let isAhead = configuration.overlapsParameterGather
    return [
      ExpectedStepOperation(
        kind: isExpert ? .expertParameterGather : .parameterGather,
        count: (isAhead ? buckets.count : 1)...buckets.count, collective: collective,
        after: isAhead ? [] : updated, isAwaited: isAhead)
    ]
  }

  /// What ranks agree on before the optimizer.
  private var agreement: [ExpectedStepOperation] {
    let replicated = 4 * chunks.reduce(0) { $0 + $1.sequenceReplicated }
    let table = 4 * ParameterShards.vocabulary(sizes)
    let reductions: [OperationKind] = [.gradientReduce, .expertGradientReduce]
    return [
      agreement(
        .sequenceGradientReduce, over: .tensor, bytes: replicated,
        if: sizes.plan.sequenceParallel && replicated > 0, after: []),
      agreement(
        .embeddingGradientReduce, over: .embedding, bytes: table, if: copiesEmbedding,
        after: [.gradientReduce]),
      agreement(
        .gradientNormReduce, over: gradientNormGroup, bytes: 4, if: true,
        after: reductions + [.sequenceGradientReduce, .embeddingGradientReduce]),
    ].compactMap(\.self)
  }

  /// Whether another rank has a copy of this rank's embedding table: the head of the last stage where
  /// tables are tied, or the prediction modules'.
  private var copiesEmbedding: Bool {
    let isEnd = pipelineRank == 0 || pipelineRank == sizes.plan.pipeline - 1
    return (sizes.model.tiesEmbeddings || sizes.predictionModules > 0) && isEnd
      && map.holds(0, rank: pipelineRank) != map.holds(map.order.stages - 1, rank: pipelineRank)
  }

  /// The optimizer, and what the host does of it.
  private var optimizer: [ExpectedStepOperation] {
    let ready: [OperationKind] = [
      .gradientReduce, .expertGradientReduce, .sequenceGradientReduce, .embeddingGradientReduce,
      .gradientNormReduce,
    ]
    let onDevice = ExpectedStepOperation(
      kind: .optimizer, count: 1...1, collective: nil, after: ready)
    guard hostsOptimizer else { return [onDevice] }
    return [
      onDevice,
      ExpectedStepOperation(kind: .gradientOffload, count: 1...1, collective: nil, after: ready),
      ExpectedStepOperation(
        kind: .hostOptimizer, count: 1...1, collective: nil, after: [.gradientOffload]),
      ExpectedStepOperation(
        kind: .parameterReload, count: 1...1, collective: nil, after: [.hostOptimizer]),
    ]
  }

  /// Whether any parameter is the host's after rounding.
  private var hostsOptimizer: Bool {
    let owned = [false, true].reduce(0) { sum, isExpert in
      let shards = configuration.shards(ofExpert: isExpert, under: sizes.plan)
      return chunks.reduce(sum) { sum, chunk in
        sum
          + chunk.elements(ofExperts: isExpert).reduce(0) { $0 + share($1, of: shards) }
      }
    }
    return Int((configuration.optimizerOffload * Double(owned)).rounded()) > 0
  }

  /// What writes parameters last.
  private var updated: [OperationKind] { hostsOptimizer ? [.parameterReload] : [.optimizer] }

  private var reports: [ExpectedStepOperation] {
    [
      agreement(
        .successFlagReduce, over: .tensorPipeline, bytes: nil, if: true, after: updated),
      agreement(
        .gradientNormFlagReduce, over: .tensorPipeline, bytes: nil, if: true, after: updated),
      agreement(
        .lossReportReduce, over: sizes.copies > 1 ? .mirrorDataContext : .dataContext, bytes: nil,
        if: map.holds(map.order.stages - 1, rank: pipelineRank), after: []),
    ].compactMap(\.self)
  }

  private func agreement(
    _ kind: OperationKind, over family: GroupFamily, bytes: Int?, if isNeeded: Bool,
    after: [OperationKind]
  ) -> ExpectedStepOperation? {
    guard isNeeded,
      let collective = sizes.collective(.allReduce, over: family, in: bytes, out: bytes)
    else { return nil }
    return ExpectedStepOperation(kind: kind, count: 1...1, collective: collective, after: after)
  }
}

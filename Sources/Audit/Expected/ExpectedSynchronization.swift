import Graph
import Model
import Parallelism

/// The end of a training step on one pipeline rank, by the rules of Megatron's distributed
/// data-parallel wrapper and distributed optimizer.
struct ExpectedSynchronization {
  let sizes: StepSizes
  let pipelineRank: Int
  /// The group that agrees on the norm of the gradients.
  let gradientNormGroup: GroupFamily
  /// The parameters of each chunk of the rank.
  let chunks: [ParameterShards]

  var operations: [ExpectedStepOperation] {
    guard sizes.isTraining else { return [] }
    return dataParallel + agreement
  }

  /// Gradient reductions and parameter gathers, dense and expert.
  private var dataParallel: [ExpectedStepOperation] {
    let dense = buckets(of: \.dense, over: .dataContext)
    let expert = buckets(of: \.expert, over: .expertData)
    return [
      gradientReduce(.gradientReduce, over: .dataContext, dense),
      gradientReduce(.expertGradientReduce, over: .expertData, expert),
      parameterGather(.parameterGather, over: .dataContext, dense),
      parameterGather(.expertParameterGather, over: .expertData, expert),
    ].compactMap(\.self)
  }

  private func buckets(of buffer: KeyPath<ParameterShards, [Int]>, over family: GroupFamily)
    -> [Int]
  {
    let limit = gradientBucketLimit(ranks: sizes.size(of: .dataContext))
    return chunks.enumerated().flatMap { chunk, shards in
      let isCut = pipelineRank == 0 && chunk == 0 && sizes.configuration.overlapsGradientReduce
      return gradientBuckets(
        of: shards[keyPath: buffer], ranks: sizes.size(of: family), limit: isCut ? limit : nil,
        isPadded: sizes.configuration.sharding.shardsOptimizer)
    }
  }

  private func gradientReduce(_ kind: OperationKind, over family: GroupFamily, _ buckets: [Int])
    -> ExpectedStepOperation?
  {
    let bytes = 4 * buckets.reduce(0, +)
    let isSharded = sizes.configuration.sharding.shardsOptimizer
    let collective = sizes.collective(
      isSharded ? .reduceScatter : .allReduce, over: family, in: bytes,
      out: isSharded ? bytes / sizes.size(of: family) : bytes)
    guard let collective, !buckets.isEmpty else { return nil }
    return ExpectedStepOperation(
      kind: kind, count: buckets.count...buckets.count, collective: collective, after: [])
  }

  private func parameterGather(_ kind: OperationKind, over family: GroupFamily, _ buckets: [Int])
    -> ExpectedStepOperation?
  {
    guard sizes.configuration.sharding.shardsOptimizer, !buckets.isEmpty else { return nil }
    let bytes = sizes.width * buckets.reduce(0, +)
    guard
      let collective = sizes.collective(
        .allGather, over: family, in: bytes / sizes.size(of: family), out: bytes)
    else { return nil }
    // Without overlap the buckets may travel in one call or one by one. With overlap they travel
    // ahead of the first forward, with what the optimizer of the step before has written.
    let isAhead = sizes.configuration.overlapsParameterGather
    return ExpectedStepOperation(
      kind: kind, count: (isAhead ? buckets.count : 1)...buckets.count, collective: collective,
      after: isAhead ? [] : [.optimizer])
  }

  /// What ranks agree on before and after the optimizer.
  private var agreement: [ExpectedStepOperation] {
    let isLast = pipelineRank == sizes.plan.pipeline - 1
    let holdsTable = pipelineRank == 0 || isLast
    let replicated = 4 * chunks.reduce(0) { $0 + $1.sequenceReplicated }
    let table = 4 * ParameterShards.vocabulary(sizes)
    let isTied = sizes.model.tiesEmbeddings && sizes.plan.pipeline > 1 && holdsTable
    return [
      reduction(
        .sequenceGradientReduce, over: .tensor, bytes: replicated,
        if: sizes.plan.sequenceParallel, after: []),
      reduction(
        .embeddingGradientReduce, over: .embedding, bytes: table, if: isTied,
        after: [.gradientReduce]),
      reduction(
        .gradientNormReduce, over: gradientNormGroup, bytes: 4, if: true,
        after: [.gradientReduce, .expertGradientReduce, .sequenceGradientReduce]),
      ExpectedStepOperation(
        kind: .optimizer, count: 1...1, collective: nil, after: [.gradientNormReduce]),
      reduction(
        .successFlagReduce, over: .tensorPipeline, bytes: nil, if: true, after: [.optimizer]),
      reduction(
        .gradientNormFlagReduce, over: .tensorPipeline, bytes: nil, if: true, after: [.optimizer]),
      reduction(.lossReportReduce, over: .dataContext, bytes: nil, if: isLast, after: []),
    ].compactMap(\.self)
  }

  private func reduction(
    _ kind: OperationKind, over family: GroupFamily, bytes: Int?, if isNeeded: Bool,
    after: [OperationKind]
  ) -> ExpectedStepOperation? {
    guard isNeeded,
      let collective = sizes.collective(.allReduce, over: family, in: bytes, out: bytes)
    else { return nil }
    return ExpectedStepOperation(kind: kind, count: 1...1, collective: collective, after: after)
  }
}

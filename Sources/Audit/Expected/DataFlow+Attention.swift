import Graph
import Model
import Parallelism

extension DataFlow {
  /// The attention block of one layer: from the residual stream to the residual stream.
  ///
  /// - SeeAlso: Megatron Core's `SelfAttention` and `MLASelfAttention`.
  mutating func attentionBlock(
    _ attention: Attention, layer: Int, input: Int, sizes: StepSizes
  ) -> Int {
    let norm = compute(.attentionNorm, layer: layer, after: input)
    let rotated: Int
    switch attention {
    case .groupedQuery(let attention):
      rotated = groupedQuery(attention, layer: layer, norm: norm, sizes: sizes)
    case .latent(let attention):
      rotated = latent(attention, layer: layer, norm: norm, sizes: sizes)
    }
    let attended = attended(rotated, layer, sizes)
    var core = attended.kernels
    if case .latent = attention, sizes.configuration.phase == .decode {
      core = compute(.latentToValue, layer: layer, after: core, hasWeights: true)
    }
    let output = compute(
      .outputProjection, layer: layer, after: core, attended.exchange, hasWeights: true)
    var branch = tensorScatter(.attentionScatter, layer: layer, after: output, sizes: sizes)
    if sizes.model.hasDropout && sizes.isTraining {
      branch = compute(.attentionDropout, layer: layer, after: branch)
    }
    return residual(.attentionResidual, layer: layer, skip: input, branch: branch)
  }

  /// The all-gather before a column-parallel product.
  mutating func tensorGather(
    _ kind: OperationKind, layer: Int? = nil, after input: Int, sizes: StepSizes
  ) -> Int {
    let gather = sizes.tensorGather
    return communicate(
      kind, layer: layer, after: input, forward: gather.forward, backward: gather.backward,
      again: gather.forward)
  }

  /// The reduction behind a row-parallel product.
  mutating func tensorScatter(
    _ kind: OperationKind, layer: Int? = nil, after input: Int, sizes: StepSizes
  ) -> Int {
    let scatter = sizes.tensorScatter
    return communicate(
      kind, layer: layer, after: input, forward: scatter.forward, backward: scatter.backward)
  }

  private mutating func groupedQuery(
    _ attention: GroupedQueryAttention, layer: Int, norm: Int, sizes: StepSizes
  ) -> Int {
    let gathered = tensorGather(.attentionGather, layer: layer, after: norm, sizes: sizes)
    let projected = compute(.queryKeyValue, layer: layer, after: gathered, hasWeights: true)
    var query = projected
    var key = projected
    if attention.hasQueryKeyNorm {
      query = compute(.queryNorm, layer: layer, after: projected)
      key = compute(.keyNorm, layer: layer, after: projected)
    }
    guard sizes.model.positions == .rotary else { return query }
    return compute(.rotary, layer: layer, after: query, key)
  }

  private mutating func latent(
    _ attention: LatentAttention, layer: Int, norm: Int, sizes: StepSizes
  ) -> Int {
    let query: Int
    if attention.queryRank != nil {
      let down = compute(.queryDown, layer: layer, after: norm, hasWeights: true)
      let latentNorm = compute(.queryLatentNorm, layer: layer, after: down)
      query = latentGather(
        .queryLatentGather, width: attention.queryRank ?? 0, layer: layer, after: latentNorm, sizes)
    } else {
      query = tensorGather(.attentionGather, layer: layer, after: norm, sizes: sizes)
    }
    let queryUp = compute(.queryUp, layer: layer, after: query, hasWeights: true)
    let down = compute(.keyValueDown, layer: layer, after: norm, hasWeights: true)
    let latentNorm = compute(.keyValueLatentNorm, layer: layer, after: down)
    let gathered = latentGather(
      .keyValueLatentGather, width: attention.keyValueRank + attention.ropeHeadDimension,
      layer: layer, after: latentNorm, sizes)
    if sizes.configuration.phase == .decode {
      // One token reads the cached latents as they are, its query projected into their space.
      let absorbed = compute(.queryToLatent, layer: layer, after: queryUp, hasWeights: true)
      return compute(.rotary, layer: layer, after: absorbed, gathered)
    }
    let keyValueUp = compute(.keyValueUp, layer: layer, after: gathered, hasWeights: true)
    return compute(.rotary, layer: layer, after: queryUp, keyValueUp)
  }

  private mutating func latentGather(
    _ kind: OperationKind, width: Int, layer: Int, after input: Int, _ sizes: StepSizes
  ) -> Int {
    let shard = sizes.shardTokens * width * sizes.width
    guard sizes.plan.sequenceParallel else {
      let whole = sizes.tokens * width * sizes.width
      return communicate(
        kind, layer: layer, after: input, forward: nil,
        backward: sizes.collective(.allReduce, over: .tensor, in: whole, out: whole))
    }
    let gather = sizes.collective(
      .allGather, over: .tensor, in: shard, out: shard * sizes.plan.tensor)
    return communicate(
      kind, layer: layer, after: input, forward: gather, backward: gather?.dual, again: gather)
  }

  /// Core attention; under context parallelism with the exchange of keys and values.
  private mutating func attended(_ input: Int, _ layer: Int, _ sizes: StepSizes)
    -> (kernels: Int, exchange: Int?)
  {
    let ranks = sizes.plan.context
    // In decode each rank attends to its part of the cache.
    guard ranks > 1, sizes.configuration.phase != .decode else {
      return (compute(.attention, layer: layer, after: input), nil)
    }
    guard sizes.configuration.contextExchange == .ring else {
      let gathered = exchanged(.allGather, input, layer, sizes)
      return (compute(.attention, layer: layer, after: gathered), nil)
    }
    // A kernel per block; the blocks travel once forward and once more, with their gradients, back.
    let role = Role(kind: .attention, count: ranks...ranks)
    let core = add(
      Node(
        layer: layer, inputs: [Input(node: input)], forward: role, inputGradient: role,
        weightGradient: nil))
    return (core, exchanged(.ringExchange, input, layer, sizes))
  }

  /// Keys and values of the other shards of the sequence.
  private mutating func exchanged(
    _ operation: CollectiveOperation, _ input: Int, _ layer: Int, _ sizes: StepSizes
  ) -> Int {
    guard let exchange = sizes.collective(operation, over: .context, in: nil, out: nil) else {
      return input
    }
    return communicate(
      .contextExchange, layer: layer, after: input, forward: exchange, backward: exchange.dual,
      count: 1...max(4, sizes.plan.context))
  }
}

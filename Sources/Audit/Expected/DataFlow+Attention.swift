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
    var core = coreAttention(
      at: rotated, CoreWidths(of: attention, sizes: sizes), layer: layer, sizes: sizes)
    if case .latent = attention, sizes.configuration.phase == .decode {
      core = [compute(.latentToValue, layer: layer, after: core, hasWeights: true)]
    }
    let output = compute(.outputProjection, layer: layer, after: core, hasWeights: true)
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
    let gather = sizes.gather(width: width)
    return communicate(
      kind, layer: layer, after: input, forward: gather.forward, backward: gather.backward,
      again: gather.forward)
  }
}

import Graph
import Model
import Parallelism
import Units

extension ChunkLowering {
  /// Norm, projection, query and key norms, rotation, attention, output projection, residual.
  mutating func append(_ attention: GroupedQueryAttention, at input: Tape.Index) -> Tape.Index {
    let tensor = shape.plan.tensor
    let heads = attention.heads / tensor
    let keyValueHeads = max(1, attention.keyValueHeads / tensor)
    let queryWidth = heads * attention.headDimension
    let keyWidth = keyValueHeads * attention.headDimension
    let projected = queryWidth + 2 * keyWidth
    let tokens = shape.tokens
    let width = shape.width
    let bias = attention.hasProjectionBias ? projected : 0

    let ownedByOutput =
      parameters.add(
        .outputProjection, [queryWidth * shape.hidden])
      + parameters.add(
        .outputProjection, [attention.hasOutputBias ? shape.hidden : 0], isReplicated: true)
    let ownedByNorm = parameters.add(.attentionNorm, normParameters, isReplicated: true)
    let ownedByProjection = parameters.add(.queryKeyValue, [shape.hidden * projected, bias])
    let perHead = attention.hasQueryKeyNorm ? [attention.headDimension] : []
    let ownedByQueryNorm = parameters.add(.queryNorm, perHead, isReplicated: true)
    let ownedByKeyNorm = parameters.add(.keyNorm, perHead, isReplicated: true)
    let sinks = parameters.add(.attention, [attention.hasSinks ? heads : 0])

    let normed = appendNorm(.attentionNorm, at: input, owned: ownedByNorm)
    let gathered = appendGather(.attentionGather, at: normed, width: shape.hidden)
    let projection = tape.append(
      .queryKeyValue, linear(rows: tokens, inner: shape.hidden, columns: projected),
      from: [gathered], parameters: ownedByProjection,
      saving: shape.residualTokens * shape.hidden * width)
    var rotated = [projection]
    if attention.hasQueryKeyNorm {
      let query = tape.append(
        .queryNorm, norm(elements: tokens * queryWidth), from: [projection],
        parameters: ownedByQueryNorm, saving: tokens * queryWidth * width)
      let key = tape.append(
        .keyNorm, norm(elements: tokens * keyWidth), from: [projection],
        parameters: ownedByKeyNorm, saving: tokens * keyWidth * width)
      rotated = [query, key]
    }
    if shape.model.positions == .rotary {
      let work = shape.traffic(
        .rotary, elements: tokens * (queryWidth + keyWidth), bytesPerElement: 2 * width)
      rotated = [tape.append(.rotary, .kernel(forward: work, backward: work), from: rotated)]
    }
    let exchanged = appendContextExchange(
      at: rotated, elementsPerToken: 2 * keyWidth)
    let values = rotated == [projection] ? [] : [projection]
    let core = tape.append(
      .attention, core(heads: heads, keyValueHeads: keyValueHeads, attention: attention),
      from: exchanged + values, parameters: sinks,
      saving: tokens * ((2 * queryWidth + 2 * keyWidth) * width + 4 * heads))
    let output = tape.append(
      .outputProjection, linear(rows: tokens, inner: queryWidth, columns: shape.hidden),
      from: [core], parameters: ownedByOutput)
    let scattered = appendScatter(.attentionScatter, at: output)
    let dropped = appendDropout(.attentionDropout, at: scattered)
    return appendResidual(.attentionResidual, branch: dropped, stream: input)
  }

  private func core(heads: Int, keyValueHeads: Int, attention: GroupedQueryAttention)
    -> TapeNode.Action
  {
    attentionKernel(
      heads: heads, keyValueHeads: keyValueHeads, queryKeyDimension: attention.headDimension,
      valueDimension: attention.headDimension, window: attention.slidingWindow)
  }

  /// The fused attention of a rank, forward and backward.
  ///
  /// Under context parallelism the zigzag split gives every rank the same half of its square, which
  /// is a rectangle of half the keys; in decode every rank keeps its share of the cache. Decode reads
  /// keys and values in the format of the cache.
  func attentionKernel(
    heads: Int, keyValueHeads: Int, queryKeyDimension: Int, valueDimension: Int, window: Int?
  ) -> TapeNode.Action {
    let decodes = shape.configuration.phase == .decode
    let isSplit = shape.plan.context > 1 && !decodes
    let length =
      decodes
      ? divided(shape.configuration.sequenceLength, by: shape.plan.context)
      : shape.configuration.sequenceLength
    let format =
      decodes ? shape.configuration.keyValueCacheFormat : shape.configuration.format
    let kernel = { (isBackward: Bool) in
      Work.attention(
        AttentionKernel(
          batch: shape.batch, heads: heads, keyValueHeads: keyValueHeads,
          queryLength: shape.queries, keyLength: isSplit ? length / 2 : length,
          queryKeyDimension: queryKeyDimension, valueDimension: valueDimension,
          isCausal: !isSplit, window: window, isBackward: isBackward,
          format: format))
    }
    return .kernel(forward: kernel(false), backward: kernel(true))
  }

  /// Gathers keys and values over context parallelism; their gradients are scattered back.
  mutating func appendContextExchange(at inputs: [Tape.Index], elementsPerToken: Int)
    -> [Tape.Index]
  {
    guard shape.plan.context > 1, shape.configuration.phase != .decode else { return inputs }
    let shard = Bytes(shape.tokens * elementsPerToken * shape.width)
    let full = shape.plan.context * shard
    let gather = Collective(.allGather, over: .context, input: shard, output: full)
    let scatter = Collective(.reduceScatter, over: .context, input: full, output: shard)
    return [
      tape.append(
        .contextExchange, .collective(forward: gather, backward: scatter, regather: nil),
        from: inputs)
    ]
  }
}

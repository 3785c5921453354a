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
    let values = rotated == [projection] ? [] : [projection]
    let core = append(
      CoreAttention(
        heads: heads, keyValueHeads: keyValueHeads, queryKeyDimension: attention.headDimension,
        valueDimension: attention.headDimension, window: attention.slidingWindow),
      at: rotated + values, parameters: sinks,
      saving: tokens * ((2 * queryWidth + 2 * keyWidth) * width + 4 * heads))
    let output = tape.append(
      .outputProjection, linear(rows: tokens, inner: queryWidth, columns: shape.hidden),
      from: core, parameters: ownedByOutput)
    let scattered = appendScatter(.attentionScatter, at: output)
    let dropped = appendDropout(.attentionDropout, at: scattered)
    return appendResidual(.attentionResidual, branch: dropped, stream: input)
  }
}

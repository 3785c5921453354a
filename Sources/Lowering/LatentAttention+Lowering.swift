import Graph
import Model
import Parallelism
import Units

extension ChunkLowering {
  /// Attention through low-rank latents: the down projections are replicated over tensor-parallel
  /// ranks and run on the residual shard; their small latents are gathered instead of the stream.
  ///
  /// Training and prefill expand the latent into keys and values of every head; decode attends to
  /// the cached latents themselves.
  mutating func append(_ attention: LatentAttention, at input: Tape.Index) -> Tape.Index {
    let heads = attention.heads / shape.plan.tensor
    let queryWidth = heads * attention.queryHeadDimension
    let valueWidth = heads * attention.valueHeadDimension
    let keyLatent = attention.keyValueRank + attention.ropeHeadDimension
    let rows = shape.residualTokens
    let tokens = shape.tokens
    let width = shape.width

    let ownedByOutput = parameters.add(.outputProjection, [valueWidth * shape.hidden])
    let ownedByNorm = parameters.add(.attentionNorm, normParameters, isReplicated: true)
    let normed = appendNorm(.attentionNorm, at: input, owned: ownedByNorm)
    let saved = rows * shape.hidden * width

    let query: Tape.Index
    if let rank = attention.queryRank {
      let down = tape.append(
        .queryDown, linear(rows: rows, inner: shape.hidden, columns: rank), from: [normed],
        parameters: parameters.add(.queryDown, [shape.hidden * rank], isReplicated: true),
        saving: saved)
      let latent = tape.append(
        .queryLatentNorm, norm(elements: rows * rank), from: [down],
        parameters: parameters.add(.queryLatentNorm, [rank], isReplicated: true),
        saving: rows * rank * width)
      let gathered = appendGather(.queryLatentGather, at: latent, width: rank)
      query = tape.append(
        .queryUp, linear(rows: tokens, inner: rank, columns: queryWidth), from: [gathered],
        parameters: parameters.add(.queryUp, [rank * queryWidth]), saving: rows * rank * width)
    } else {
      let gathered = appendGather(.attentionGather, at: normed, width: shape.hidden)
      query = tape.append(
        .queryUp, linear(rows: tokens, inner: shape.hidden, columns: queryWidth), from: [gathered],
        parameters: parameters.add(.queryUp, [shape.hidden * queryWidth]), saving: saved)
    }
    let down = tape.append(
      .keyValueDown, linear(rows: rows, inner: shape.hidden, columns: keyLatent), from: [normed],
      parameters: parameters.add(.keyValueDown, [shape.hidden * keyLatent], isReplicated: true))
    let latent = tape.append(
      .keyValueLatentNorm, norm(elements: rows * attention.keyValueRank), from: [down],
      parameters: parameters.add(
        .keyValueLatentNorm, [attention.keyValueRank], isReplicated: true),
      saving: rows * attention.keyValueRank * width)
    let gathered = appendGather(.keyValueLatentGather, at: latent, width: keyLatent)
    let core =
      shape.configuration.phase == .decode
      ? [appendAbsorbed(attention, heads: heads, query: query, latent: gathered)]
      : appendExpanded(attention, heads: heads, query: query, latent: gathered)
    let output = tape.append(
      .outputProjection, linear(rows: tokens, inner: valueWidth, columns: shape.hidden),
      from: core, parameters: ownedByOutput)
    let scattered = appendScatter(.attentionScatter, at: output)
    let dropped = appendDropout(.attentionDropout, at: scattered)
    return appendResidual(.attentionResidual, branch: dropped, stream: input)
  }

  /// Attention over keys and values of every head, projected up from the latent.
  private mutating func appendExpanded(
    _ attention: LatentAttention, heads: Int, query: Tape.Index, latent: Tape.Index
  ) -> [Tape.Index] {
    let queryWidth = heads * attention.queryHeadDimension
    let valueWidth = heads * attention.valueHeadDimension
    let expandedWidth = heads * (attention.nopeHeadDimension + attention.valueHeadDimension)
    let tokens = shape.tokens
    let width = shape.width
    let expanded = tape.append(
      .keyValueUp, linear(rows: tokens, inner: attention.keyValueRank, columns: expandedWidth),
      from: [latent],
      parameters: parameters.add(.keyValueUp, [attention.keyValueRank * expandedWidth]),
      saving: shape.residualTokens * (attention.keyValueRank + attention.ropeHeadDimension) * width)
    // Rotates the rotary parts and joins them with the rest into full query and key heads.
    let joined = shape.traffic(
      .rotary, elements: tokens * (2 * queryWidth + valueWidth), bytesPerElement: 2 * width)
    let rotated = tape.append(
      .rotary, .kernel(forward: joined, backward: joined), from: [query, expanded])
    return append(
      CoreAttention(
        heads: heads, keyValueHeads: heads, queryKeyDimension: attention.queryHeadDimension,
        valueDimension: attention.valueHeadDimension, window: nil),
      at: [rotated],
      saving: tokens * ((2 * queryWidth + 2 * valueWidth) * width + 4 * heads))
  }
}

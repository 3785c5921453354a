import Graph
import Model
import Parallelism
import Units

extension ChunkLowering {
  /// Attention over the cached latents: every head reads the same `rank + rope` elements per token,
  /// its query projected through its part of the key up-projection, its output through its part of
  /// the value up-projection, so that the cache is never expanded.
  ///
  /// - SeeAlso: DeepSeek-V2, arXiv 2405.04434, section 2.1.2 and appendix C.
  mutating func appendAbsorbed(
    _ attention: LatentAttention, heads: Int, query: Tape.Index, latent: Tape.Index
  ) -> Tape.Index {
    let tokens = shape.tokens
    let rank = attention.keyValueRank
    let cached = rank + attention.ropeHeadDimension
    let absorbed = tape.append(
      .queryToLatent, perHead(heads, inner: attention.nopeHeadDimension, columns: rank),
      from: [query],
      parameters: parameters.add(.queryToLatent, [rank * heads * attention.nopeHeadDimension]))
    // Rotates the rotary parts of queries and key, and writes the new token's latent to the cache.
    let rotation = shape.traffic(
      .rotary, elements: tokens * (heads * attention.ropeHeadDimension + cached),
      bytesPerElement: 2 * shape.width)
    let rotated = tape.append(
      .rotary, .kernel(forward: rotation, backward: nil), from: [absorbed, latent])
    let core = append(
      CoreAttention(
        heads: heads, keyValueHeads: 1, queryKeyDimension: cached, valueDimension: rank,
        window: nil), at: [rotated], saving: 0)
    return tape.append(
      .latentToValue, perHead(heads, inner: rank, columns: attention.valueHeadDimension),
      from: core,
      parameters: parameters.add(.latentToValue, [rank * heads * attention.valueHeadDimension]))
  }

  /// One product per head with the head's own weights; inference only, so it has no backward.
  private func perHead(_ heads: Int, inner: Int, columns: Int) -> TapeNode.Action {
    .kernel(
      forward: .matrixMultiply(
        MatrixMultiply(
          rows: shape.tokens, columns: columns, inner: inner, format: shape.configuration.format,
          batch: heads)), backward: nil)
  }
}

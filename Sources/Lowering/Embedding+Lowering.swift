import Graph
import Model
import Parallelism

extension ChunkLowering {
  /// The table of tokens, and of positions where they are learned.
  mutating func addEmbeddingParameters() -> [Int] {
    let rows = divided(shape.model.vocabularySize, by: shape.plan.tensor)
    let positions =
      shape.model.positions == .learned ? shape.model.maximumPositions * shape.hidden : 0
    return parameters.add(.embeddingLookup, [rows * shape.hidden])
      + parameters.add(.embeddingLookup, [positions])
  }

  /// Vocabulary-parallel lookup: every tensor-parallel rank looks up its rows and the sum is scattered.
  mutating func appendEmbedding(owned: [Int]) -> Tape.Index {
    let elements = shape.tokens * shape.hidden
    let lookup = tape.append(
      .embeddingLookup,
      .linear(
        forward: shape.traffic(.embedding, elements: elements, bytesPerElement: 2 * shape.width),
        inputGradient: nil,
        // Scatters rows into the fp32 main gradient: reads one element, reads and writes four bytes.
        weightGradient: shape.traffic(
          .embedding, elements: elements, bytesPerElement: shape.width + 8)),
      from: [], parameters: owned, saving: shape.tokens * 8)
    return appendDropout(
      .embeddingDropout, at: appendScatter(.embeddingScatter, at: lookup))
  }
}

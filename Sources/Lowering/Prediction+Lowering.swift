import Graph
import Model
import Parallelism
import Units

extension ChunkLowering {
  /// The modules that predict the tokens after the next: each embeds the token one further on, joins
  /// it with the hidden state, runs one more layer like the model's last, and shares the head.
  ///
  /// A rank without the first stage holds a copy of the embedding. Layers of modules count on from
  /// the model's.
  /// - SeeAlso: Megatron-LM, `megatron/core/transformer/multi_token_prediction.py`; DeepSeek-V3
  ///   technical report, section 2.2.
  mutating func appendPredictions(
    at normed: Tape.Index, vocabulary: Int, holdsEmbedding: Bool
  ) {
    guard let last = shape.model.layers.last else { return }
    let table =
      holdsEmbedding ? [] : parameters.add(.embeddingLookup, [vocabulary * shape.hidden])
    var state = normed
    for module in 0..<shape.predictionModules {
      let embedded = appendEmbedding(owned: module == 0 ? table : [])
      tape.layer = shape.model.layers.count + module
      parameters.layer = tape.layer
      let joined = appendJoin(token: embedded, state: state)
      let output = append(last, at: joined)
      let ownedByNorm = parameters.add(.finalNorm, normParameters, isReplicated: true)
      tape.layer = nil
      parameters.layer = nil
      state = appendNorm(.finalNorm, at: output, owned: ownedByNorm)
      appendLogits(at: state, vocabulary: vocabulary, owned: [])
    }
  }

  /// Norms of a token and a state, side by side through one projection to a single width. The
  /// projection is column parallel; its columns are gathered, and cut by sequence where that is
  /// parallel.
  private mutating func appendJoin(token: Tape.Index, state: Tape.Index) -> Tape.Index {
    let hidden = shape.hidden
    let tensor = shape.plan.tensor
    let columns = divided(hidden, by: tensor)
    let ownedByToken = parameters.add(.predictionTokenNorm, normParameters, isReplicated: true)
    let ownedByState = parameters.add(.predictionStateNorm, normParameters, isReplicated: true)
    let owned = parameters.add(.predictionProjection, [2 * hidden * columns])
    let norms = [
      appendNorm(.predictionTokenNorm, at: token, owned: ownedByToken),
      appendNorm(.predictionStateNorm, at: state, owned: ownedByState),
    ]
    let gathered = appendGather(.predictionGather, from: norms, width: 2 * hidden)
    let projected = tape.append(
      .predictionProjection, linear(rows: shape.tokens, inner: 2 * hidden, columns: columns),
      from: gathered, parameters: owned,
      saving: 2 * shape.residualTokens * hidden * shape.width)
    guard tensor > 1 else { return projected }
    let part = Bytes(shape.tokens * columns * shape.width)
    let assemble = Collective(
      .allGather, over: .tensor, input: part, output: shape.gatheredBytes)
    let regain = Collective(
      .allGather, over: .tensor, input: shape.residualBytes, output: shape.gatheredBytes)
    return tape.append(
      .predictionAssembly,
      .collective(
        forward: assemble, backward: shape.plan.sequenceParallel ? regain : nil, regather: nil),
      from: [projected])
  }
}

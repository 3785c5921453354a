import Graph
import Model
import Parallelism
import Units

extension ChunkLowering {
  /// Final norm, output projection, and the loss in training or the choice of a token in inference;
  /// then the modules that predict further tokens, in training.
  mutating func appendHead(at input: Tape.Index, holdsEmbedding: Bool) {
    let ownedByNorm = parameters.add(.finalNorm, normParameters, isReplicated: true)
    let vocabulary = divided(shape.model.vocabularySize, by: shape.plan.tensor)
    let isShared = shape.model.tiesEmbeddings && holdsEmbedding
    let owned = isShared ? [] : parameters.add(.head, [vocabulary * shape.hidden])
    let normed = appendNorm(.finalNorm, at: input, owned: ownedByNorm)
    appendLogits(at: normed, vocabulary: vocabulary, owned: owned)
    if shape.predictionModules > 0 {
      appendPredictions(at: normed, vocabulary: vocabulary, holdsEmbedding: holdsEmbedding)
    }
  }

  /// The output projection, and the loss or the choice of a token.
  mutating func appendLogits(at normed: Tape.Index, vocabulary: Int, owned: [Int]) {
    // Inference needs the logits of each sequence's last token only.
    let rows = shape.trains ? shape.tokens : shape.batch
    let gathered =
      shape.trains
      ? appendGather(.headGather, at: normed, width: shape.hidden)
      : appendLastTokenGather(at: normed)
    let logits = tape.append(
      .head, linear(rows: rows, inner: shape.hidden, columns: vocabulary), from: [gathered],
      parameters: owned, saving: shape.residualTokens * shape.hidden * shape.width)
    if shape.trains {
      appendLoss(at: logits, vocabulary: vocabulary)
    } else {
      appendSampling(at: logits, rows: rows, vocabulary: vocabulary)
    }
  }

  /// Vocabulary-parallel cross entropy in fp32: the maximum, the predicted logit and the sum of
  /// exponentials are agreed over tensor-parallel ranks; its backward communicates nothing.
  ///
  /// It keeps the exponentials in fp32; fused, it turns the logits into their gradient in place
  /// (TransformerEngine's `parallel_cross_entropy`).
  private mutating func appendLoss(at logits: Tape.Index, vocabulary: Int) {
    let elements = shape.tokens * vocabulary
    let perToken = Bytes(4 * shape.tokens)
    let maximum = tape.append(
      .logitMaximum,
      .kernel(
        forward: shape.traffic(.crossEntropy, elements: elements, bytesPerElement: 6),
        backward: nil), from: [], reading: [logits])
    let agreed = appendLossReduce(.logitMaximumReduce, perToken, after: maximum)
    let exponential = tape.append(
      .exponential,
      .kernel(
        forward: shape.traffic(.crossEntropy, elements: elements, bytesPerElement: 8),
        backward: nil), from: [], reading: [agreed])
    var summed = exponential
    if shape.configuration.fusesCrossEntropy {
      summed = appendLossReduce(.exponentialSumReduce, 2 * perToken, after: exponential)
    } else {
      let predicted = appendLossReduce(.predictedLogitReduce, perToken, after: exponential)
      summed = appendLossReduce(.exponentialSumReduce, perToken, after: predicted)
    }
    tape.append(
      .loss,
      .kernel(
        forward: shape.traffic(.crossEntropy, elements: shape.tokens, bytesPerElement: 12),
        backward: shape.traffic(.crossEntropy, elements: elements, bytesPerElement: 6)),
      from: [logits], reading: [summed],
      saving: elements * (shape.configuration.fusesCrossEntropy ? shape.width : 4))
  }

  private mutating func appendLossReduce(
    _ kind: OperationKind, _ bytes: Bytes, after input: Tape.Index
  ) -> Tape.Index {
    guard shape.plan.tensor > 1 else { return input }
    let reduce = Collective(.allReduce, over: .tensor, input: bytes, output: bytes)
    return tape.append(
      kind, .collective(forward: reduce, backward: nil, regather: nil), from: [],
      reading: [input])
  }

  /// Gathers the last token of every sequence, which sequence parallelism leaves on one rank.
  private mutating func appendLastTokenGather(at normed: Tape.Index) -> Tape.Index {
    guard shape.plan.tensor > 1, shape.plan.sequenceParallel else { return normed }
    let shard = Bytes(divided(shape.batch, by: shape.plan.tensor) * shape.hidden * shape.width)
    let gather = Collective(
      .allGather, over: .tensor, input: shard, output: shape.plan.tensor * shard)
    return tape.append(
      .headGather, .collective(forward: gather, backward: nil, regather: nil), from: [normed])
  }

  private mutating func appendSampling(at logits: Tape.Index, rows: Int, vocabulary: Int) {
    var source = logits
    if shape.plan.tensor > 1 {
      let shard = Bytes(rows * vocabulary * 4)
      let gather = Collective(
        .allGather, over: .tensor, input: shard, output: shape.plan.tensor * shard)
      source = tape.append(
        .logitMaximumReduce, .collective(forward: gather, backward: nil, regather: nil),
        from: [], reading: [logits])
    }
    let elements = rows * vocabulary * shape.plan.tensor
    tape.append(
      .sampling,
      .kernel(
        forward: shape.traffic(.softmax, elements: elements, bytesPerElement: 8), backward: nil),
      from: [], reading: [source])
  }
}

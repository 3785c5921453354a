import Graph
import Model
import Parallelism
import Units

/// Turns the layers of one model chunk into a tape and its parameters.
///
/// Extensions hold one submodule each; they append nodes and return where the residual stream is.
struct ChunkLowering {
  let shape: LocalShape
  var tape = Tape()
  var parameters: ParameterList

  init(_ shape: LocalShape, parameters: ParameterList) {
    self.shape = shape
    self.parameters = parameters
  }

  /// Where the stage before or behind a chunk is.
  enum Neighbour {
    case otherRank
    case sameRank
  }

  /// Lowers the layers of one stage, with what precedes the first and follows the last.
  ///
  /// - Parameters:
  ///   - previous: where the stage before is; nil for the first.
  ///   - next: where the stage behind is; nil for the last.
  ///   - holdsEmbedding: whether the rank holds the first stage.
  mutating func lower(
    _ layers: Range<Int>, from previous: Neighbour?, to next: Neighbour?, holdsEmbedding: Bool
  ) {
    var stream = appendEntry(from: previous)
    for layer in layers {
      tape.layer = layer
      parameters.layer = layer
      stream = append(shape.model.layers[layer], at: stream)
    }
    tape.layer = nil
    parameters.layer = nil
    switch next {
    case .sameRank: tape.append(.sendActivation, .handOver, from: [stream])
    case .otherRank: tape.append(.sendActivation, .send(shape.residualBytes), from: [stream])
    case nil: appendHead(at: stream, holdsEmbedding: holdsEmbedding)
    }
  }

  private mutating func appendEntry(from previous: Neighbour?) -> Tape.Index {
    switch previous {
    case .sameRank: tape.append(.receiveActivation, .take, from: [])
    case .otherRank: tape.append(.receiveActivation, .receive(shape.residualBytes), from: [])
    case nil: appendEmbedding(owned: addEmbeddingParameters())
    }
  }

  mutating func append(_ layer: TransformerLayer, at input: Tape.Index) -> Tape.Index {
    let attended =
      switch layer.attention {
      case .groupedQuery(let attention): append(attention, at: input)
      case .latent(let attention): append(attention, at: input)
      }
    return switch layer.feedForward {
    case .dense(let block): append(block, at: attended)
    case .experts(let block): append(block, at: attended)
    }
  }

  // The pieces that submodules share.

  /// Weights of a norm over the residual stream.
  var normParameters: [Int] {
    shape.model.normalization == .rms ? [shape.hidden] : [shape.hidden, shape.hidden]
  }

  /// A norm over `elements` of activations.
  func norm(elements: Int) -> TapeNode.Action {
    .kernel(
      forward: shape.traffic(.norm, elements: elements, bytesPerElement: 2 * shape.width),
      backward: shape.traffic(.normBackward, elements: elements, bytesPerElement: 4 * shape.width))
  }

  /// A norm of the residual stream.
  mutating func appendNorm(_ kind: OperationKind, at input: Tape.Index, owned: [Int]) -> Tape.Index
  {
    let elements = shape.residualTokens * shape.hidden
    return tape.append(
      kind, norm(elements: elements), from: [input], parameters: owned,
      saving: elements * shape.width)
  }

  /// The sum of a branch, the stream before it and any further terms.
  mutating func appendResidual(
    _ kind: OperationKind, branch: Tape.Index, stream: Tape.Index, further: [Tape.Index] = []
  ) -> Tape.Index {
    let elements = shape.residualTokens * shape.hidden
    let work = shape.traffic(
      .add, elements: elements, bytesPerElement: (3 + further.count) * shape.width)
    return tape.append(
      kind, .kernel(forward: work, backward: work), from: [branch, stream] + further)
  }

  /// Dropout after a branch, where the model has it and trains.
  mutating func appendDropout(_ kind: OperationKind, at input: Tape.Index) -> Tape.Index {
    guard shape.model.hasDropout, shape.trains else { return input }
    let elements = shape.residualTokens * shape.hidden
    let work = shape.traffic(.dropout, elements: elements, bytesPerElement: 2 * shape.width + 1)
    return tape.append(
      kind, .kernel(forward: work, backward: work), from: [input], saving: elements)
  }

  /// A product with a weight: `rows × inner` by `inner × columns`, with both its gradients.
  func linear(rows: Int, inner: Int, columns: Int, format: NumericFormat? = nil) -> TapeNode.Action
  {
    let format = format ?? shape.configuration.format
    return .linear(
      forward: .matrixMultiply(
        MatrixMultiply(rows: rows, columns: columns, inner: inner, format: format)),
      inputGradient: .matrixMultiply(
        MatrixMultiply(rows: rows, columns: inner, inner: columns, format: format)),
      // Accumulates into the fp32 main gradient: reads and writes four bytes per element.
      weightGradient: .matrixMultiply(
        MatrixMultiply(
          rows: inner, columns: columns, inner: rows, format: format, outputWidth: 8)))
  }

  /// Enters a tensor-parallel block: under sequence parallelism gathers the shards, and gathers the
  /// saved shard again for the weight gradient; otherwise only the backward adds up input gradients.
  mutating func appendGather(
    _ kind: OperationKind, at input: Tape.Index, width elements: Int
  ) -> Tape.Index {
    appendGather(kind, from: [input], width: elements)[0]
  }

  /// Enters a tensor-parallel block with several tensors side by side, `elements` wide together.
  mutating func appendGather(
    _ kind: OperationKind, from inputs: [Tape.Index], width elements: Int
  ) -> [Tape.Index] {
    guard shape.plan.tensor > 1 else { return inputs }
    let full = Bytes(shape.tokens * elements * shape.width)
    guard shape.plan.sequenceParallel else {
      let reduce = Collective(.allReduce, over: .tensor, input: full, output: full)
      return [
        tape.append(
          kind, .collective(forward: nil, backward: reduce, regather: nil), from: inputs)
      ]
    }
    let shard = Bytes(shape.residualTokens * elements * shape.width)
    let gather = Collective(.allGather, over: .tensor, input: shard, output: full)
    let scatter = Collective(.reduceScatter, over: .tensor, input: full, output: shard)
    return [
      tape.append(
        kind, .collective(forward: gather, backward: scatter, regather: gather), from: inputs)
    ]
  }

  /// Leaves a tensor-parallel block: adds up the partial sums, and scatters them under sequence
  /// parallelism.
  mutating func appendScatter(_ kind: OperationKind, at input: Tape.Index) -> Tape.Index {
    guard shape.plan.tensor > 1 else { return input }
    let full = shape.gatheredBytes
    guard shape.plan.sequenceParallel else {
      let reduce = Collective(.allReduce, over: .tensor, input: full, output: full)
      return tape.append(
        kind, .collective(forward: reduce, backward: nil, regather: nil), from: [input])
    }
    let shard = shape.residualBytes
    let scatter = Collective(.reduceScatter, over: .tensor, input: full, output: shard)
    let gather = Collective(.allGather, over: .tensor, input: shard, output: full)
    return tape.append(
      kind, .collective(forward: scatter, backward: gather, regather: nil), from: [input])
  }
}

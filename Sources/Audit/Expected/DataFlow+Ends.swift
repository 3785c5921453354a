import Graph
import Model
import Parallelism

extension DataFlow {
  /// What feeds the first layer of a chunk: the embedding on the first stage, the result of the stage
  /// before where that is on the same rank, else a receive.
  mutating func entry(from previous: Int?, handedOver: Int?, sizes: StepSizes) -> Int {
    if let handedOver { return handedOver }
    guard let previous else { return embedding(sizes: sizes) }
    let transfer = ExpectedCommunication.transfer(pipelineRank: previous, bytes: sizes.shardBytes)
    return add(
      Node(
        layer: nil, inputs: [],
        forward: Role(kind: .receiveActivation, communication: transfer),
        inputGradient: Role(kind: .sendGradient, communication: transfer), weightGradient: nil))
  }

  /// Vocabulary-parallel lookup of tokens.
  mutating func embedding(sizes: StepSizes) -> Int {
    let lookup = Role(kind: .embeddingLookup)
    let table = add(
      Node(layer: nil, inputs: [], forward: lookup, inputGradient: nil, weightGradient: lookup))
    let scattered = tensorScatter(.embeddingScatter, after: table, sizes: sizes)
    guard sizes.model.hasDropout, sizes.isTraining else { return scattered }
    return compute(.embeddingDropout, after: scattered)
  }

  /// What takes the last layer of a chunk to a stage on another rank.
  mutating func send(_ input: Int, to next: Int, sizes: StepSizes) {
    let transfer = ExpectedCommunication.transfer(pipelineRank: next, bytes: sizes.shardBytes)
    _ = add(
      Node(
        layer: nil, inputs: [Input(node: input)],
        forward: Role(kind: .sendActivation, communication: transfer),
        inputGradient: Role(kind: .receiveGradient, communication: transfer),
        weightGradient: nil))
  }

  /// Final norm, head and loss, then the modules that predict further tokens; in inference the head
  /// and the choice of a token.
  mutating func head(_ input: Int, sizes: StepSizes) {
    let norm = compute(.finalNorm, after: input)
    guard sizes.isTraining else {
      inferenceHead(norm: norm, sizes: sizes)
      return
    }
    logitsAndLoss(norm: norm, sizes: sizes)
    var state = norm
    for module in 0..<sizes.predictionModules {
      state = prediction(module, state: state, sizes: sizes)
      logitsAndLoss(norm: state, sizes: sizes)
    }
  }

  private mutating func logitsAndLoss(norm: Int, sizes: StepSizes) {
    let gathered = tensorGather(.headGather, after: norm, sizes: sizes)
    let logits = compute(.head, after: gathered, hasWeights: true)
    vocabularyParallelLoss(logits: logits, sizes: sizes)
  }

  /// Only the last position of each sequence needs logits.
  private mutating func inferenceHead(norm: Int, sizes: StepSizes) {
    let gather =
      sizes.plan.sequenceParallel
      ? sizes.collective(.allGather, over: .tensor, in: nil, out: nil) : nil
    let gathered = communicate(.headGather, after: norm, forward: gather, backward: nil)
    let logits = compute(.head, after: gathered, hasWeights: true)
    let part = 4 * sizes.configuration.microBatchSize * ParameterShards.vocabularyRows(sizes)
    let whole = communicate(
      .logitMaximumReduce, after: logits,
      forward: sizes.collective(
        .allGather, over: .tensor, in: part, out: part * sizes.plan.tensor), backward: nil)
    _ = compute(.sampling, after: whole)
  }

  /// Megatron's vocabulary-parallel cross-entropy: three all-reduces of a float per token, or two
  /// where the sums travel together; its backward needs none.
  private mutating func vocabularyParallelLoss(logits: Int, sizes: StepSizes) {
    let floats = 4 * sizes.tokens
    let isFused = sizes.configuration.fusesCrossEntropy
    func reduce(_ bytes: Int) -> ExpectedCollective? {
      sizes.collective(.allReduce, over: .tensor, in: bytes, out: bytes)
    }
    let maximum = forwardOnly(.logitMaximum, after: [logits])
    let reducedMaximum = communicate(
      .logitMaximumReduce, after: maximum, forward: reduce(floats), backward: nil)
    let exponential = forwardOnly(.exponential, after: [reducedMaximum])
    let predicted = communicate(
      .predictedLogitReduce, after: exponential, forward: isFused ? nil : reduce(floats),
      backward: nil)
    let sum = communicate(
      .exponentialSumReduce, after: exponential,
      forward: reduce(isFused ? 2 * floats : floats), backward: nil)
    _ = compute(.loss, after: predicted, sum)
  }

  private mutating func forwardOnly(_ kind: OperationKind, after inputs: [Int]) -> Int {
    add(
      Node(
        layer: nil, inputs: inputs.map { Input(node: $0) }, forward: Role(kind: kind),
        inputGradient: nil, weightGradient: nil))
  }
}

import Graph
import Model
import Parallelism
import Units

extension ChunkLowering {
  /// Router, dispatch, experts, combine and residual, as the all-to-all dispatcher runs them.
  ///
  /// Routing is dropless and balanced: every rank sends and receives its tokens times top-k rows.
  /// - SeeAlso: Megatron-LM, `megatron/core/transformer/moe/token_dispatcher.py`.
  mutating func append(_ block: MixtureOfExperts, at input: Tape.Index) -> Tape.Index {
    let ownedByNorm = parameters.add(.feedForwardNorm, normParameters, isReplicated: true)
    let ownedByRouter = parameters.add(
      .router,
      [shape.hidden * block.experts, block.hasRouterBias ? block.experts : 0], isReplicated: true)
    let experts = addExpertParameters(block)
    let shared = addSharedParameters(block)

    let normed = appendNorm(.feedForwardNorm, at: input, owned: ownedByNorm)
    let sharedOutput = shared.map { appendShared(block, at: normed, owned: $0) }
    let routed = appendRouting(block, at: normed, owned: ownedByRouter)
    let rows = shape.residualTokens * block.topK
    let permuted = tape.append(
      .permute, permutation(.permute, rows: rows), from: [normed, routed.probabilities],
      saving: rows * 4)
    let dispatched = appendDispatch(rows: rows, at: permuted, after: routed.counts)
    let sorted = appendSort(block, rows: rows, at: dispatched)
    let computed = appendExperts(block, rows: rows, at: sorted, owned: experts)
    let combined = appendCombine(block, rows: rows, at: computed)
    let restored = tape.append(
      .unpermute, permutation(.unpermute, rows: rows), from: [combined], saving: rows * 4)
    let dropped = appendDropout(.feedForwardDropout, at: restored)
    return appendResidual(
      .feedForwardResidual, branch: dropped, stream: input,
      further: sharedOutput.map { [$0] } ?? [])
  }

  private mutating func appendRouting(
    _ block: MixtureOfExperts, at normed: Tape.Index, owned: [Int]
  ) -> (probabilities: Tape.Index, counts: Tape.Index) {
    let tokens = shape.residualTokens
    let plan = shape.plan
    let scored = tape.append(
      .router,
      linear(
        rows: tokens, inner: shape.hidden, columns: block.experts,
        format: shape.configuration.format),
      from: [normed], parameters: owned)
    let stepsHost = plan.expert * plan.expertTensor == 1
    let routing = tape.append(
      .routing,
      .kernel(
        forward: shape.traffic(.routing, elements: tokens * block.experts, bytesPerElement: 24),
        backward: shape.traffic(.routing, elements: tokens * block.experts, bytesPerElement: 16)),
      from: [scored], saving: tokens * block.experts * 4, blocksHost: stepsHost)
    var probabilities = routing
    if shape.trains, shape.configuration.auxiliaryLoss, block.hasAuxiliaryLoss {
      let counts = Bytes(8 * block.experts)
      var reduced: [Tape.Index] = []
      if plan.tensor * plan.context > 1 {
        let reduce = Collective(.allReduce, over: .tensorContext, input: counts, output: counts)
        reduced = [
          tape.append(
            .routerCountReduce, .collective(forward: reduce, backward: nil, regather: nil),
            from: [], reading: [routing])
        ]
      }
      let work = shape.traffic(.routing, elements: tokens * block.experts, bytesPerElement: 4)
      probabilities = tape.append(
        .auxiliaryLoss, .kernel(forward: work, backward: work), from: [routing], reading: reduced)
    }
    guard !stepsHost else { return (probabilities, routing) }
    let counts = Bytes(8 * block.experts)
    let gather = Collective(
      .allGather, over: .expertTensorExpert, input: counts,
      output: plan.expert * plan.expertTensor * counts)
    let gathered = tape.append(
      .tokenCountGather, .collective(forward: gather, backward: nil, regather: nil), from: [],
      reading: [routing], blocksHost: true)
    return (probabilities, gathered)
  }

  /// Reordering between token order and expert order.
  private func permutation(_ kernel: MemoryKernel, rows: Int) -> TapeNode.Action {
    let elements = (rows + shape.residualTokens) * shape.hidden
    let work = shape.traffic(kernel, elements: elements, bytesPerElement: shape.width)
    return .kernel(forward: work, backward: work)
  }

  /// Sends rows and their probabilities to the ranks of their experts, then to the expert's shards.
  private mutating func appendDispatch(
    rows: Int, at permuted: Tape.Index, after counts: Tape.Index
  ) -> [Tape.Index] {
    var tokens = permuted
    var probabilities = permuted
    let tokenBytes = Bytes(rows * shape.hidden * shape.width)
    let probabilityBytes = Bytes(rows * shape.configuration.routerFormat.width)
    if shape.plan.expert > 1 {
      tokens = tape.append(
        .tokenDispatch, allToAll(tokenBytes), from: [permuted], reading: [counts])
      probabilities = tape.append(
        .probabilityDispatch, allToAll(probabilityBytes), from: [permuted], reading: [counts])
    }
    if shape.plan.expertTensor > 1 {
      tokens = tape.append(
        .expertTokenGather, expertGather(tokenBytes), from: [tokens], reading: [counts])
      probabilities = tape.append(
        .expertProbabilityGather, expertGather(probabilityBytes), from: [probabilities],
        reading: [counts])
    }
    return tokens == probabilities ? [tokens] : [tokens, probabilities]
  }

  private func allToAll(_ bytes: Bytes) -> TapeNode.Action {
    let exchange = Collective(
      .allToAll, over: .expert, input: bytes, output: bytes, isVariable: true)
    return .collective(forward: exchange, backward: exchange, regather: nil)
  }

  private func expertGather(_ shard: Bytes) -> TapeNode.Action {
    let full = shape.plan.expertTensor * shard
    return .collective(
      forward: Collective(
        .allGather, over: .expertTensor, input: shard, output: full, isVariable: true),
      backward: Collective(
        .reduceScatter, over: .expertTensor, input: full, output: shard, isVariable: true),
      regather: nil)
  }

  /// Groups the rows of several local experts; one local expert needs no sorting.
  private mutating func appendSort(_ block: MixtureOfExperts, rows: Int, at inputs: [Tape.Index])
    -> [Tape.Index]
  {
    guard block.experts / shape.plan.expert > 1 else { return inputs }
    return [
      tape.append(
        .expertSort, reordering(rows: rows * shape.plan.expertTensor), from: inputs)
    ]
  }

  private func reordering(rows: Int) -> TapeNode.Action {
    let work = shape.traffic(
      .permute, elements: rows * shape.hidden, bytesPerElement: 2 * shape.width)
    return .kernel(forward: work, backward: work)
  }

  private mutating func appendExperts(
    _ block: MixtureOfExperts, rows: Int, at inputs: [Tape.Index], owned: (up: [Int], down: [Int])
  ) -> Tape.Index {
    let plan = shape.plan
    let local = block.experts / plan.expert
    let inner = divided(block.intermediateSize, by: plan.expertTensor)
    let rows = rows * plan.expertTensor
    let matrices = block.isGated ? 2 : 1
    let up = tape.append(
      .expertUp, grouped(local, rows: rows, inner: shape.hidden, columns: matrices * inner),
      from: inputs, parameters: owned.up, saving: rows * shape.hidden * shape.width)
    let activated = tape.append(
      .expertActivation, activation(elements: rows * inner, isGated: block.isGated),
      from: [up] + inputs.suffix(1), saving: rows * matrices * inner * shape.width)
    return tape.append(
      .expertDown, grouped(local, rows: rows, inner: inner, columns: shape.hidden),
      from: [activated], parameters: owned.down, saving: rows * inner * shape.width)
  }

  private func grouped(_ groups: Int, rows: Int, inner: Int, columns: Int) -> TapeNode.Action {
    let format = shape.configuration.format
    return .linear(
      forward: .groupedMatrixMultiply(
        GroupedMatrixMultiply(
          groups: groups, rows: rows, columns: columns, inner: inner, format: format)),
      inputGradient: .groupedMatrixMultiply(
        GroupedMatrixMultiply(
          groups: groups, rows: rows, columns: inner, inner: columns, format: format)),
      weightGradient: .groupedMatrixMultiply(
        GroupedMatrixMultiply(
          groups: groups, rows: rows, columns: columns, inner: inner, format: format,
          outputWidth: 8, isWeightGradient: true)))
  }

  /// Returns expert outputs to the ranks of their tokens.
  ///
  /// The outputs are cast to the format of the probabilities before the reduction over the shards of
  /// an expert, as Megatron does.
  private mutating func appendCombine(_ block: MixtureOfExperts, rows: Int, at input: Tape.Index)
    -> Tape.Index
  {
    let plan = shape.plan
    var output = input
    if block.experts / plan.expert > 1 {
      output = tape.append(
        .expertUnsort, reordering(rows: rows * plan.expertTensor), from: [output])
    }
    if plan.expertTensor > 1 {
      let shard = Bytes(rows * shape.hidden * shape.configuration.routerFormat.width)
      let full = plan.expertTensor * shard
      output = tape.append(
        .expertScatter,
        .collective(
          forward: Collective(
            .reduceScatter, over: .expertTensor, input: full, output: shard, isVariable: true),
          backward: Collective(
            .allGather, over: .expertTensor, input: shard, output: full, isVariable: true),
          regather: nil), from: [output])
    }
    if plan.expert > 1 {
      output = tape.append(
        .tokenCombine, allToAll(Bytes(rows * shape.hidden * shape.width)), from: [output])
    }
    return output
  }

  private mutating func addExpertParameters(_ block: MixtureOfExperts) -> (up: [Int], down: [Int]) {
    let plan = shape.plan
    let local = block.experts / plan.expert
    let inner = divided(block.intermediateSize, by: plan.expertTensor)
    let matrices = block.isGated ? 2 : 1
    let isExpert = plan.expert > 1 || plan.expertTensor != plan.tensor
    var up = [Int](repeating: shape.hidden * matrices * inner, count: local)
    var down = [Int](repeating: inner * shape.hidden, count: local)
    if block.hasExpertBias {
      up += [Int](repeating: matrices * inner, count: local)
      down += [Int](repeating: shape.hidden, count: local)
    }
    return (
      parameters.add(.expertUp, up, isExpert: isExpert),
      parameters.add(.expertDown, down, isExpert: isExpert)
    )
  }
}

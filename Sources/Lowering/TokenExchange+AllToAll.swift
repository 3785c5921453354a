import Graph
import Model
import Parallelism
import Units

extension ChunkLowering {
  /// One copy of a token per expert, sent by NCCL's all-to-all and gathered over the expert's shards.
  mutating func appendAllToAll(_ exchange: TokenExchange, beside: inout SharedBranch) -> Tape.Index
  {
    let block = exchange.block
    let plan = shape.plan
    let rows = dispatchedRows(block)
    let counts = appendCountGather(block, after: exchange.choice)
    let permuted = tape.append(
      .permute, permutation(.permute, rows: rows), from: [exchange.normed, exchange.probabilities],
      saving: rows * 4)
    let dispatched = appendDispatch(rows: rows, at: permuted, after: counts)
    appendSharedUp(block, of: &beside)
    let isSorted = block.experts / plan.expert > 1
    let sorted =
      isSorted
      ? [
        tape.append(.expertSort, reordering(rows: rows * plan.expertTensor), from: dispatched)
      ] : dispatched
    let computed = appendExperts(
      block, rows: rows * plan.expertTensor, at: sorted, owned: exchange.experts)
    let unsorted =
      isSorted
      ? tape.append(.expertUnsort, reordering(rows: rows * plan.expertTensor), from: [computed])
      : computed
    let combined = appendCombine(rows: rows, at: unsorted)
    appendSharedDown(block, of: &beside)
    return tape.append(
      .unpermute, permutation(.unpermute, rows: rows), from: [combined], saving: rows * 4)
  }

  /// Tells every rank of the expert group how many rows to expect; the host needs to know too.
  private mutating func appendCountGather(_ block: MixtureOfExperts, after routing: Tape.Index)
    -> Tape.Index
  {
    let ranks = shape.plan.expert * shape.plan.expertTensor
    guard ranks > 1, isDropless else { return routing }
    let counts = Bytes(8 * block.experts)
    let gather = Collective(
      .allGather, over: .expertTensorExpert, input: counts, output: ranks * counts)
    return tape.append(
      .tokenCountGather, .collective(forward: gather, backward: nil, regather: nil), from: [],
      reading: [routing], blocksHost: true)
  }

  /// Reordering between token order and expert order.
  private func permutation(_ kernel: MemoryKernel, rows: Int) -> TapeNode.Action {
    let elements = (rows + shape.residualTokens) * shape.hidden
    let work = shape.traffic(kernel, elements: elements, bytesPerElement: shape.width)
    return .kernel(forward: work, backward: work)
  }

  private func reordering(rows: Int) -> TapeNode.Action {
    let work = shape.traffic(
      .permute, elements: rows * shape.hidden, bytesPerElement: 2 * shape.width)
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

  /// Parts are of unequal size unless every expert takes a fixed number of rows.
  private func allToAll(_ bytes: Bytes) -> TapeNode.Action {
    let exchange = Collective(
      .allToAll, over: .expert, input: bytes, output: bytes, isVariable: isDropless)
    return .collective(forward: exchange, backward: exchange, regather: nil)
  }

  private func expertGather(_ shard: Bytes) -> TapeNode.Action {
    let full = shape.plan.expertTensor * shard
    return .collective(
      forward: Collective(
        .allGather, over: .expertTensor, input: shard, output: full, isVariable: isDropless),
      backward: Collective(
        .reduceScatter, over: .expertTensor, input: full, output: shard, isVariable: isDropless),
      regather: nil)
  }

  /// Returns expert outputs to the ranks of their tokens.
  ///
  /// The outputs are cast to the format of the probabilities before the reduction over the shards of
  /// an expert, as Megatron does.
  private mutating func appendCombine(rows: Int, at input: Tape.Index) -> Tape.Index {
    let plan = shape.plan
    var output = input
    if plan.expertTensor > 1 {
      let shard = Bytes(rows * shape.hidden * shape.configuration.routerFormat.width)
      let full = plan.expertTensor * shard
      output = tape.append(
        .expertScatter,
        .collective(
          forward: Collective(
            .reduceScatter, over: .expertTensor, input: full, output: shard,
            isVariable: isDropless),
          backward: Collective(
            .allGather, over: .expertTensor, input: shard, output: full, isVariable: isDropless),
          regather: nil), from: [output])
    }
    if plan.expert > 1 {
      output = tape.append(
        .tokenCombine, allToAll(Bytes(rows * shape.hidden * shape.width)), from: [output])
    }
    return output
  }
}

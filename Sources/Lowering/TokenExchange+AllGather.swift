import Graph
import Model
import Parallelism
import Units

extension ChunkLowering {
  /// Every rank of ETP×EP gathers all tokens with their routing, picks the rows of its experts, and
  /// scatters the sums back.
  /// - SeeAlso: Megatron-LM's `MoEAllGatherTokenDispatcher`.
  mutating func appendAllGather(_ exchange: TokenExchange, beside: inout SharedBranch)
    -> Tape.Index
  {
    let block = exchange.block
    let ranks = shape.plan.expert * shape.plan.expertTensor
    let scores = shape.residualTokens * block.experts
    var tokens = exchange.normed
    var probabilities = exchange.probabilities
    var routing = exchange.choice
    if ranks > 1 {
      // One byte per token and expert says who was chosen.
      let map = Bytes(scores)
      routing = tape.append(
        .tokenCountGather,
        .collective(
          forward: Collective(
            .allGather, over: .expertTensorExpert, input: map, output: ranks * map),
          backward: nil, regather: nil), from: [], reading: [exchange.choice])
      probabilities = tape.append(
        .probabilityDispatch, gather(Bytes(scores * shape.configuration.routerFormat.width)),
        from: [exchange.probabilities])
      tokens = tape.append(.tokenDispatch, gather(shape.residualBytes), from: [exchange.normed])
    }
    appendSharedUp(block, of: &beside)
    let rows = shape.residualTokens * block.topK * shape.plan.expertTensor
    // The grouped products need the rows of each expert on the host.
    let permuted = tape.append(
      .permute, selection(.permute, rows: rows, ranks: ranks), from: [tokens, probabilities],
      reading: [routing], saving: rows * 4, blocksHost: ranks > 1)
    let computed = appendExperts(block, rows: rows, at: [permuted], owned: exchange.experts)
    let restored = tape.append(
      .unpermute, selection(.unpermute, rows: rows, ranks: ranks), from: [computed],
      saving: rows * 4)
    let combined = ranks > 1 ? tape.append(.tokenCombine, scatter, from: [restored]) : restored
    appendSharedDown(block, of: &beside)
    return combined
  }

  private func gather(_ shard: Bytes) -> TapeNode.Action {
    let full = shape.plan.expert * shape.plan.expertTensor * shard
    return .collective(
      forward: Collective(.allGather, over: .expertTensorExpert, input: shard, output: full),
      backward: Collective(.reduceScatter, over: .expertTensorExpert, input: full, output: shard),
      regather: nil)
  }

  private var scatter: TapeNode.Action {
    let shard = shape.residualBytes
    let full = shape.plan.expert * shape.plan.expertTensor * shard
    return .collective(
      forward: Collective(.reduceScatter, over: .expertTensorExpert, input: full, output: shard),
      backward: Collective(.allGather, over: .expertTensorExpert, input: shard, output: full),
      regather: nil)
  }

  /// Between the tokens of all ranks and the rows of the local experts.
  private func selection(_ kernel: MemoryKernel, rows: Int, ranks: Int) -> TapeNode.Action {
    let elements = (rows + ranks * shape.residualTokens) * shape.hidden
    let work = shape.traffic(kernel, elements: elements, bytesPerElement: shape.width)
    return .kernel(forward: work, backward: work)
  }
}

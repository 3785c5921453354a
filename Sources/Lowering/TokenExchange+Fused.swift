import Graph
import Model
import Parallelism
import Units

extension ChunkLowering {
  /// Fused kernels permute and exchange in one, and send a token once to each rank that holds any of
  /// its experts; the copies are expanded to rows of the local experts there.
  ///
  /// With `m` ranks a token of balanced routing goes to `m · (1 − (1 − 1/m)^k)` of them. Probabilities
  /// and counts travel with the tokens; the host waits for the number of rows received.
  /// - SeeAlso: DeepSeek-AI, DeepEP; Megatron-LM's `MoEFlexTokenDispatcher`, which exchanges over
  ///   ETP×EP.
  mutating func appendFused(_ exchange: TokenExchange, beside: inout SharedBranch) -> Tape.Index {
    let block = exchange.block
    let plan = shape.plan
    let ranks = Double(plan.expert)
    let reached = ranks * (1 - power(1 - 1 / ranks, block.topK))
    let copies = Int((Double(shape.residualTokens) * reached).rounded(.up)) * plan.expertTensor
    let rows = shape.residualTokens * block.topK * plan.expertTensor
    var tokens = [exchange.normed, exchange.probabilities]
    let isExchanged = plan.expert * plan.expertTensor > 1
    let routing = TokenRouting(
      .dispatch, tokens: shape.residualTokens, hidden: shape.hidden,
      topK: block.topK * plan.expertTensor, format: shape.configuration.format)
    if isExchanged {
      tokens = [
        tape.append(
          .tokenDispatch, fused(routing, copies: copies), from: tokens, blocksHost: true)
      ]
    }
    appendSharedUp(block, of: &beside)
    let expanded = tape.append(
      .expertSort, expansion(.permute, copies: copies, rows: rows), from: tokens,
      saving: rows * 4)
    let computed = appendExperts(block, rows: rows, at: [expanded], owned: exchange.experts)
    let reduced = tape.append(
      .expertUnsort, expansion(.unpermute, copies: copies, rows: rows), from: [computed],
      saving: rows * 4)
    let combined =
      isExchanged
      ? tape.append(.tokenCombine, fused(routing.reversed, copies: copies), from: [reduced])
      : reduced
    appendSharedDown(block, of: &beside)
    return combined
  }

  private func fused(_ routing: TokenRouting, copies: Int) -> TapeNode.Action {
    let bytes = Bytes(copies * shape.hidden * shape.width)
    let calls = [routing, routing.reversed].map {
      Collective(
        .allToAll, over: shape.plan.expertTensor > 1 ? .expertTensorExpert : .expert, input: bytes,
        output: bytes, isVariable: true, routing: $0)
    }
    return .collective(forward: calls[0], backward: calls[1], regather: nil)
  }

  /// Between one copy per rank and one row per local expert.
  private func expansion(_ kernel: MemoryKernel, copies: Int, rows: Int) -> TapeNode.Action {
    let work = shape.traffic(
      kernel, elements: (copies + rows) * shape.hidden, bytesPerElement: shape.width)
    return .kernel(forward: work, backward: work)
  }
}

private func power(_ base: Double, _ exponent: Int) -> Double {
  (0..<exponent).reduce(1) { product, _ in product * base }
}

import Graph
import Model
import Parallelism
import Units

/// The fused attention of one rank, without its projections.
struct CoreAttention {
  /// Query, and key and value heads of a tensor-parallel rank.
  let heads: Int
  let keyValueHeads: Int
  let queryKeyDimension: Int
  let valueDimension: Int
  let window: Int?

  var queryWidth: Int { heads * queryKeyDimension }
  var keyWidth: Int { keyValueHeads * queryKeyDimension }
  var valueWidth: Int { keyValueHeads * valueDimension }
  var outputWidth: Int { heads * valueDimension }

  /// The same attention over a part of the heads.
  func divided(by parts: Int) -> CoreAttention {
    CoreAttention(
      heads: heads / parts, keyValueHeads: keyValueHeads / parts,
      queryKeyDimension: queryKeyDimension, valueDimension: valueDimension, window: window)
  }
}

extension ChunkLowering {
  /// Attention over the whole sequence, of which each context-parallel rank holds two chunks, one from
  /// each end, so that all see as many pairs (the zigzag split).
  ///
  /// - Parameters:
  ///   - inputs: the nodes that carry queries, keys and values.
  ///   - saved: bytes that the backward needs.
  /// - Returns: the nodes that carry the output.
  mutating func append(
    _ core: CoreAttention, at inputs: [Tape.Index], parameters: [Int] = [], saving saved: Int
  ) -> [Tape.Index] {
    let context = shape.plan.context
    if shape.configuration.phase == .decode {
      return appendDecoding(core, at: inputs, parameters: parameters, saving: saved)
    }
    guard context > 1 else {
      let length = shape.configuration.sequenceLength
      let action = action(core, queries: shape.queries, keys: length, isCausal: true)
      return [
        tape.append(.attention, action, from: inputs, parameters: parameters, saving: saved)
      ]
    }
    switch shape.configuration.contextExchange {
    case .allGather:
      return appendGathered(core, at: inputs, parameters: parameters, saving: saved)
    case .ring:
      return appendRing(
        core, over: .context, ranks: context, at: inputs, parameters: parameters, saving: saved)
    case .allToAll:
      return appendHeadExchange(
        core, over: .context, ranks: context, at: inputs, parameters: parameters, saving: saved)
    case .hierarchical(let inner):
      return appendHeadExchange(
        core, over: .contextInner, ranks: inner, at: inputs, parameters: parameters, saving: saved)
    }
  }

  /// Keys and values gathered before the attention, and again before its backward, which scatters
  /// their gradients.
  ///
  /// The zigzag split gives every rank the same half of its rows of the square, which is a rectangle
  /// of half the keys.
  private mutating func appendGathered(
    _ core: CoreAttention, at inputs: [Tape.Index], parameters: [Int], saving saved: Int
  ) -> [Tape.Index] {
    let gathers = [core.keyWidth, core.valueWidth].map { width in
      let shard = Bytes(shape.tokens * width * shape.width)
      let full = shape.plan.context * shard
      return (
        gather: Collective(.allGather, over: .context, input: shard, output: full),
        scatter: Collective(.reduceScatter, over: .context, input: full, output: shard)
      )
    }
    let gathered = gathers.map { call in
      tape.append(
        .contextExchange,
        .collective(forward: call.gather, backward: call.scatter, regather: nil), from: inputs)
    }
    let attention = tape.append(
      .attention,
      action(
        core, queries: shape.queries, keys: shape.configuration.sequenceLength / 2,
        isCausal: false), from: inputs + gathered, parameters: parameters, saving: saved)
    let again = gathers.map { call in
      tape.append(
        .contextExchange, .collective(forward: nil, backward: call.gather, regather: nil), from: [],
        delaysBackwardOf: [attention])
    }
    return [attention] + again
  }

  /// Keys and values passed around a ring: while one block is attended to, the next is on its way.
  ///
  /// Block 0 is the rank's own and causal; of every other a rank needs half the pairs. The backward
  /// passes the blocks around again, and their gradients one hop behind them, from the last block to
  /// the rank's own: keys and values, then both, then gradients alone.
  /// - SeeAlso: TransformerEngine, `context_parallel.py`, `AttnFuncWithCPAndKVP2P`.
  private mutating func appendRing(
    _ core: CoreAttention, over family: GroupFamily, ranks: Int, at inputs: [Tape.Index],
    parameters: [Int], saving saved: Int
  ) -> [Tape.Index] {
    let length = shape.configuration.sequenceLength / ranks
    let block = Bytes(
      shape.batch * length * (core.keyWidth + core.valueWidth) * shape.width)
    func exchange(_ bytes: Bytes) -> Collective {
      Collective(.ringExchange, over: family, input: bytes, output: bytes)
    }
    var attended: [Tape.Index] = []
    var held = inputs
    for step in 0..<ranks {
      var arriving: [Tape.Index] = []
      if step + 1 < ranks {
        let isHome = step == 0
        arriving = [
          tape.append(
            .contextExchange,
            .collective(
              forward: exchange(block), backward: exchange(isHome ? block : 2 * block),
              regather: nil), from: held, delaysBackwardOf: attended.suffix(1))
        ]
      }
      attended.append(
        tape.append(
          .attention,
          action(
            core, queries: length, keys: step == 0 ? length : length / 2, isCausal: step == 0,
            isZigzagHalf: step > 0),
          from: step == 0 ? inputs : inputs + held, parameters: step == 0 ? parameters : [],
          saving: step == 0 ? saved : 0))
      held = arriving
    }
    guard ranks > 1 else { return attended }
    let first = tape.append(
      .contextExchange,
      .collective(forward: nil, backward: exchange(block), regather: nil), from: [],
      delaysBackwardOf: [attended[ranks - 2]])
    return attended + [first]
  }

  /// Ulysses: every rank gives up part of its heads for more of the sequence, and takes them back
  /// behind the attention. Where heads do not suffice for all ranks, a ring joins the groups.
  /// - SeeAlso: Jacobs et al., "DeepSpeed Ulysses", 2023.
  private mutating func appendHeadExchange(
    _ core: CoreAttention, over family: GroupFamily, ranks: Int, at inputs: [Tape.Index],
    parameters: [Int], saving saved: Int
  ) -> [Tape.Index] {
    guard ranks > 1 else {
      return appendRing(
        core, over: .contextOuter, ranks: shape.plan.context, at: inputs, parameters: parameters,
        saving: saved)
    }
    func exchange(_ elements: Int) -> TapeNode.Action {
      let bytes = Bytes(shape.tokens * elements * shape.width)
      let call = Collective(.allToAll, over: family, input: bytes, output: bytes)
      return .collective(forward: call, backward: call, regather: nil)
    }
    let exchanged = [core.queryWidth, core.keyWidth, core.valueWidth].map {
      tape.append(.contextExchange, exchange($0), from: inputs)
    }
    let attended = appendRing(
      core.divided(by: ranks), over: .contextOuter, ranks: shape.plan.context / ranks,
      at: exchanged, parameters: parameters, saving: saved)
    // The product behind reads the output after the exchange, the attention's backward before it.
    return [
      tape.append(
        .contextExchange, exchange(core.outputWidth), from: attended,
        saving: shape.tokens * core.outputWidth * shape.width)
    ]
  }

  /// - Parameter format: of keys and values; that of activations where nil.
  func action(
    _ core: CoreAttention, queries: Int, keys: Int, isCausal: Bool, format: NumericFormat? = nil,
    isZigzagHalf: Bool = false
  ) -> TapeNode.Action {
    let kernel = { (isBackward: Bool) in
      Work.attention(
        AttentionKernel(
          batch: shape.batch, heads: core.heads, keyValueHeads: core.keyValueHeads,
          queryLength: queries, keyLength: keys, queryKeyDimension: core.queryKeyDimension,
          valueDimension: core.valueDimension, isCausal: isCausal, window: core.window,
          isBackward: isBackward, format: format ?? shape.configuration.format,
          isZigzagHalf: isZigzagHalf))
    }
    return .kernel(forward: kernel(false), backward: kernel(true))
  }
}

import Graph
import Model
import Parallelism

/// Elements per token that queries, keys, values and outputs of the attention have on one
/// tensor-parallel rank.
struct CoreWidths {
  let query, key, value, output: Int
  /// Query heads.
  let heads: Int

  init(of attention: Attention, sizes: StepSizes) {
    let tensor = sizes.plan.tensor
    switch attention {
    case .groupedQuery(let attention):
      let keys = max(1, attention.keyValueHeads / tensor) * attention.headDimension
      heads = attention.heads / tensor
      query = heads * attention.headDimension
      (key, value, output) = (keys, keys, query)
    case .latent(let attention):
      heads = attention.heads / tensor
      query = heads * (attention.nopeHeadDimension + attention.ropeHeadDimension)
      key = query
      value = heads * attention.valueHeadDimension
      // In decode outputs leave the space of the latents behind the attention.
      output = sizes.configuration.phase == .decode ? heads * attention.keyValueRank : value
    }
  }
}

extension DataFlow {
  /// Attention over the whole sequence, with the exchanges that let every query see every key.
  ///
  /// - Returns: what carries its output.
  /// - SeeAlso: TransformerEngine, `context_parallel.py`.
  mutating func coreAttention(
    at input: Int, _ widths: CoreWidths, layer: Int, sizes: StepSizes
  ) -> [Int] {
    let ranks = sizes.plan.context
    guard ranks > 1 else { return [compute(.attention, layer: layer, after: input)] }
    let exchange = ContextTraffic(widths: widths, sizes: sizes)
    if sizes.configuration.phase == .decode { return decoding(at: input, exchange, layer) }
    switch sizes.configuration.contextExchange {
    case .ring: return ring(over: .context, at: [input], exchange, layer)
    case .allGather: return gathered(at: input, exchange, layer)
    case .allToAll:
      return headExchange(over: .context, at: input, exchange, layer)
    case .hierarchical(inner: 1): return ring(over: .contextOuter, at: [input], exchange, layer)
    case .hierarchical: return headExchange(over: .contextInner, at: input, exchange, layer)
    }
  }

  /// Each rank attends to its part of the cache. The partial outputs are weighted by the softmax
  /// statistics of all ranks, which takes a gather and a kernel, and added up.
  private mutating func decoding(at input: Int, _ traffic: ContextTraffic, _ layer: Int) -> [Int] {
    let partial = compute(.attention, layer: layer, after: input)
    let statistics = communicate(
      .contextExchange, layer: layer, after: partial, forward: traffic.statistics, backward: nil)
    let weighted = compute(.attention, layer: layer, after: partial, statistics)
    return [
      communicate(
        .contextExchange, layer: layer, after: weighted, forward: traffic.outputSum, backward: nil)
    ]
  }

  /// Keys and values gathered before the attention and once more before its backward, whose
  /// gradients are reduce-scattered.
  private mutating func gathered(at input: Int, _ traffic: ContextTraffic, _ layer: Int) -> [Int] {
    let calls = [traffic.gather(traffic.widths.key), traffic.gather(traffic.widths.value)]
    let gathers = calls.map {
      communicate(
        .contextExchange, layer: layer, after: [input], forward: $0, backward: $0?.dual)
    }
    let core = compute(.attention, layer: layer, after: [input] + gathers)
    let again = calls.map {
      communicate(
        .contextExchange, layer: layer, after: [], forward: nil, backward: $0, fetchingFor: [core])
    }
    return [core] + again
  }

  /// A kernel per block of keys and values while the next block is on its way around the ring.
  ///
  /// The backward passes the blocks around once more and their gradients one hop behind: first keys
  /// and values, then both, last the gradients that come home.
  private mutating func ring(
    over family: GroupFamily, at inputs: [Int], _ traffic: ContextTraffic, _ layer: Int
  ) -> [Int] {
    let ranks = traffic.sizes.size(of: family)
    var kernels = [compute(.attention, layer: layer, after: inputs)]
    guard ranks > 1 else { return kernels }
    var held = inputs
    for hop in 1..<ranks {
      // Block 0 is at home: its gradients return alone.
      let fetched = hop >= 2 ? [kernels[hop - 2]] : []
      let exchange = communicate(
        .contextExchange, layer: layer, after: held, forward: traffic.hop(family, blocks: 1),
        backward: traffic.hop(family, blocks: hop == 1 ? 1 : 2), fetchingFor: fetched)
      held = [exchange]
      kernels.append(compute(.attention, layer: layer, after: inputs + held))
    }
    let first = communicate(
      .contextExchange, layer: layer, after: [], forward: nil,
      backward: traffic.hop(family, blocks: 1), fetchingFor: [kernels[ranks - 2]])
    return kernels + [first]
  }

  /// Ulysses: heads given away for sequence before the attention and taken back behind it. Between
  /// groups that are smaller than CP a ring joins the sequence.
  ///
  /// - SeeAlso: Jacobs et al., "DeepSpeed Ulysses", 2023.
  private mutating func headExchange(
    over family: GroupFamily, at input: Int, _ traffic: ContextTraffic, _ layer: Int
  ) -> [Int] {
    let widths = traffic.widths
    let given = [widths.query, widths.key, widths.value].map { width in
      let call = traffic.exchange(family, width: width)
      return communicate(
        .contextExchange, layer: layer, after: [input], forward: call, backward: call)
    }
    let core =
      family == .context
      ? [compute(.attention, layer: layer, after: given)]
      : ring(over: .contextOuter, at: given, traffic, layer)
    let call = traffic.exchange(family, width: widths.output)
    return [
      communicate(.contextExchange, layer: layer, after: core, forward: call, backward: call)
    ]
  }
}

/// The messages of context parallelism in one layer.
private struct ContextTraffic {
  let widths: CoreWidths
  let sizes: StepSizes

  /// Bytes of a tensor that is so wide, of the tokens of a context-parallel rank.
  private func bytes(_ width: Int) -> Int { sizes.tokens * width * sizes.width }

  func gather(_ width: Int) -> ExpectedCollective? {
    sizes.collective(
      .allGather, over: .context, in: bytes(width), out: sizes.plan.context * bytes(width))
  }

  /// One hop of blocks of keys and values, whose size does not change where heads are traded for
  /// sequence.
  func hop(_ family: GroupFamily, blocks: Int) -> ExpectedCollective? {
    let size = blocks * bytes(widths.key + widths.value)
    return sizes.collective(.ringExchange, over: family, in: size, out: size)
  }

  /// One float per token and head to every rank.
  var statistics: ExpectedCollective? {
    let floats = 4 * sizes.tokens * widths.heads
    return sizes.collective(
      .allGather, over: .context, in: floats, out: sizes.plan.context * floats)
  }

  var outputSum: ExpectedCollective? {
    sizes.collective(
      .allReduce, over: .context, in: bytes(widths.output), out: bytes(widths.output))
  }

  func exchange(_ family: GroupFamily, width: Int) -> ExpectedCollective? {
    sizes.collective(.allToAll, over: family, in: bytes(width), out: bytes(width))
  }
}

import Graph
public import Hardware
public import Units

/// The time of DeepEP's normal exchange, which training and prefill use.
///
/// A token crosses the network once per node that holds one of its experts, at most four nodes by
/// group-limited routing, lands on the GPU of the same index and goes on over NVLink; inside one node
/// it travels once per rank.
///
///     one node:      T = tokens · D(R) (1 − 1/R) · bytes / B(NVLink)
///     several nodes: T = 85 µs + tokens · D(min(N, 4)) (1 − 1/N) · bytes / 47 GB/s
///
/// With several nodes within ±5 % on the six rows of 2 and 4 H100 nodes that it was read off; tables
/// of 8 nodes are two to three times slower for reasons that their authors do not state. NVLink's
/// rate is that of 20 multiprocessors on an H100.
///
/// - SeeAlso: DeepEP's README; aiconfigurator's tables of sglang 0.5.6.
public func normalExchangeTime(of exchange: ExpertExchange, on cluster: Cluster) -> Seconds {
  let scales = ExchangeScales(cluster)
  let size = Double(exchange.tokens * exchange.bytesPerToken)
  guard exchange.nodes > 1 else {
    let ranks = Double(exchange.ranks)
    let copies = expectedDestinations(picks: exchange.topK, among: exchange.ranks) * (1 - 1 / ranks)
    return Seconds(size * copies / (scales.nvlink * nodeRate).bytesPerSecond)
  }
  let reached = expectedDestinations(
    picks: exchange.topK, among: min(exchange.nodes, mostNodesPerToken))
  let wire = size * reached * (1 - 1 / Double(exchange.nodes))
  return networkStart + Seconds(wire / (scales.network * networkRate).bytesPerSecond)
}

/// Node-limited routing of DeepSeek-V3.
private let mostNodesPerToken = 4
/// Launch, notification of counts and the last hop over NVLink.
private let networkStart = Seconds.microseconds(85)
private let networkRate = Bandwidth.gigabytesPerSecond(47)
/// 8 ranks, 4,096 tokens: 491 µs dispatch of 8 bits, 973 µs combine of 16 bits.
private let nodeRate = Bandwidth.gigabytesPerSecond(281)

import Graph
public import Hardware
public import Units

/// The time of DeepEP's low-latency exchange, which decode uses.
///
/// Every pair of token and expert goes straight to its rank, over NVLink inside a node and by RDMA
/// between nodes; no multiprocessors are busy during the transfer.
///
///     bytes = tokens · k · (bytes per token + 16 in dispatch)
///     T     = a + b [N > 1] + c log₂ N + bytes (N − 1)/N / Bₙᵢ꜀ + bytes/N / Bₙᵥₗ
///
/// Constants were fitted on H100 and H800 nodes with one 400 Gb/s NIC per GPU; rates scale with the
/// NIC and with NVLink of other machines, which nothing was measured on. Errors on unseen rows are
/// 9.5 % (dispatch, 10 rows) and 13.2 % (combine, 8 rows) on average.
///
/// - SeeAlso: DeepEP's README; aiconfigurator's and pplx-garden's tables.
public func lowLatencyExchangeTime(of exchange: ExpertExchange, on cluster: Cluster) -> Seconds {
  let constants = LowLatencyConstants(exchange.direction)
  let header = exchange.direction == .dispatch ? 16 : 0
  let bytes = Double(exchange.tokens * exchange.topK * (exchange.bytesPerToken + header))
  let nodes = Double(exchange.nodes)
  let scales = ExchangeScales(cluster)
  let remote = bytes * (nodes - 1) / nodes / (scales.network * constants.network).bytesPerSecond
  let local = bytes / nodes / (scales.nvlink * constants.nvlink).bytesPerSecond
  let crossing = exchange.nodes > 1 ? constants.crossing : .zero
  return constants.start + crossing + doublings(nodes) * constants.perDoubling
    + Seconds(remote + local)
}

/// The fitted constants of one direction.
private struct LowLatencyConstants {
  /// `a`: with one node.
  let start: Seconds
  /// `b`: added once there is a network.
  let crossing: Seconds
  /// `c`: added per doubling of the nodes.
  let perDoubling: Seconds
  let network: Bandwidth
  let nvlink: Bandwidth

  init(_ direction: ExpertExchange.Direction) {
    switch direction {
    case .dispatch:
      start = .microseconds(14.1)
      crossing = .microseconds(1.5)
      perDoubling = .microseconds(4.4)
      network = .gigabytesPerSecond(49.3)
      nvlink = .gigabytesPerSecond(295)
    case .combine:
      start = .microseconds(16.8)
      crossing = .microseconds(6.6)
      perDoubling = .microseconds(1.8)
      network = .gigabytesPerSecond(49.5)
      nvlink = .gigabytesPerSecond(264)
    }
  }
}

/// How much faster a cluster's links are than those that the constants were fitted on.
struct ExchangeScales {
  /// Over one NIC of 400 Gb/s per GPU.
  let network: Double
  /// Over the 18 links of an H100.
  let nvlink: Double

  init(_ cluster: Cluster) {
    let share = min(1, Double(cluster.fabric.nicsPerNode) / Double(cluster.node.devices))
    network = share * cluster.fabric.nicBandwidth.gigabytesPerSecond / 50
    nvlink = cluster.node.nvlink.bandwidth.gigabytesPerSecond / (18 * 20.6)
  }
}

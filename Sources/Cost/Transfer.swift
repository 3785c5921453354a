public import Hardware
public import Units

/// Which kind of link a message between two ranks takes.
public enum TransferPath: Int, Hashable, Sendable, CaseIterable {
  /// NVLink inside one domain.
  case insideNode
  /// The network between domains.
  case acrossNodes
}

/// The time from a send's launch to the message's arrival.
///
///     t = α + bytes / min(B, channels · B_channel)
///
/// The library cuts a message over channels (thread blocks that copy), fewer the more ranks its
/// communicator has. Constants are those of NCCL 2.29 and later. Measured rates of 1 MiB and more lie
/// within about 20 %; a lone message of 64 KiB over the network takes up to 40 % longer.
///
/// - Parameters:
///   - size: bytes of the message.
///   - path: the kind of link.
///   - ranks: members of the communicator, at least 2: with pipeline parallelism, the stages.
///   - cluster: where.
public func transferTime(
  of size: Bytes, over path: TransferPath, among ranks: Int, on cluster: Cluster
) -> Seconds {
  precondition(ranks >= 2, "a message needs two ranks, got \(ranks)")
  let link: PointToPoint
  let channels: Int
  var share = 1.0
  switch path {
  case .insideNode:
    link = cluster.node.pointToPoint
    channels = nvlinkChannels(for: size, among: ranks, links: cluster.node.nvlink.links)
  case .acrossNodes:
    link = cluster.fabric.pointToPoint
    channels = networkChannels(among: ranks, nic: cluster.fabric.nicBandwidth)
    share = min(1, Double(cluster.fabric.nicsPerNode) / Double(cluster.node.devices))
  }
  let rate = share * min(link.bandwidth, Double(channels) * link.channelBandwidth)
  let isLong = size > .kibibytes(128)
  return link.latency + (isLong ? link.longMessageLatency : .zero) + size / rate
}

/// Channels that a message over NVLink is cut into.
///
/// At most twice the links, rounded down to a power of two; a message starts with as many as leave 32
/// channels for all peers, in parts of at least 64 KiB, and takes more while a part exceeds 16 MiB.
func nvlinkChannels(for size: Bytes, among ranks: Int, links: Int) -> Int {
  let most = powerOfTwo(atMost: 2 * links)
  var usual = most
  while usual > 1, usual * ranks > 32 { usual /= 2 }
  var channels = max(1, min(usual, (size.count + 65_535) / 65_536))
  while channels < most, size > channels * .mebibytes(16) { channels *= 2 }
  return channels
}

/// Channels that a message over the network is cut into: one per 14 GB/s of the NIC, halved while
/// they would exceed 16 over all nodes of the communicator.
func networkChannels(among ranks: Int, nic: Bandwidth) -> Int {
  var channels = powerOfTwo(atLeast: Int((nic.gigabytesPerSecond / 14).rounded(.up)))
  while channels > 1, channels * ((ranks + 7) / 8) > 16 { channels /= 2 }
  return channels
}

private func powerOfTwo(atMost limit: Int) -> Int {
  var power = 1
  while 2 * power <= limit { power *= 2 }
  return power
}

private func powerOfTwo(atLeast limit: Int) -> Int {
  var power = 1
  while power < limit { power *= 2 }
  return power
}

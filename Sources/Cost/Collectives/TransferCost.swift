public import Units

/// The time of one message between two ranks, as between neighbouring pipeline stages.
///
/// NCCL opens channels per peer, fewer in a larger communicator, and each carries a fixed rate:
///
///     t = start + S / min(link, channels · rate)
///
/// - Parameters:
///   - size: bytes of the message.
///   - isIntraNode: whether both ranks share an NVLink domain.
///   - fabric: the machine; between nodes a rank has its own share of the NICs.
///   - communicatorRanks: ranks of the communicator that carries it: two for a communicator of its
///     own, the pipeline's depth where stages share one.
public func transferCost(
  of size: Bytes, isIntraNode: Bool, fabric: CollectiveFabric, communicatorRanks: Int = 2
) -> CollectiveCost {
  precondition(communicatorRanks >= 2, "a message needs two ranks")
  return isIntraNode
    ? linkTransfer(size, fabric, communicatorRanks)
    : networkTransfer(size, fabric, communicatorRanks)
}

/// The share of the NVLink total that one message reaches: 348 of 370.8 GB/s on H100.
private let messageLinkShare = 0.94

private func linkTransfer(
  _ size: Bytes, _ fabric: CollectiveFabric, _ ranks: Int
) -> CollectiveCost {
  let calibration = fabric.calibration.peers
  let channels = PeerChannels.onLinks(part: size.count, ranks: ranks, fabric: fabric)
  let rate = min(
    .gigabytesPerSecond(messageLinkShare * fabric.intraTotal),
    Double(channels) * calibration.channelBandwidth)
  return CollectiveCost(
    latency: calibration.messageStart, transfer: size / rate, fill: .zero, choice: nil,
    blocks: channels)
}

private func networkTransfer(
  _ size: Bytes, _ fabric: CollectiveFabric, _ ranks: Int
) -> CollectiveCost {
  let channels = PeerChannels.onNetwork(ranks: ranks, fabric: fabric)
  let rate = min(
    .gigabytesPerSecond(PeerNetwork.messageShare * fabric.rail),
    Double(channels) * PeerNetwork.channelBandwidth)
  let isLarge = size > .kibibytes(128)
  let start = PeerNetwork.start + fabric.nicLatency
  return CollectiveCost(
    latency: isLarge ? start + PeerNetwork.rendezvous : start, transfer: size / rate,
    fill: .zero, choice: nil, blocks: channels)
}

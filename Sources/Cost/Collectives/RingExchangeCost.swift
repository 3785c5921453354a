import Units

/// The time in which every rank of a ring sends to the next and receives from the one before.
///
///     t = α + d · min(1, S / s₀) + S / B
///
/// All links carry one message each way at once, so the slowest link of the ring counts: the network
/// where the ring leaves a domain, the links inside otherwise. The constants are those of grouped
/// sends and receives (`allToAllCost`, `PeerNetwork`).
func ringExchangeCost(
  _ size: Bytes, _ placement: GroupPlacement, _ fabric: CollectiveFabric
) -> CollectiveCost {
  let calibration = fabric.calibration.peers
  guard !placement.isInsideNode else {
    let channels = PeerChannels.onLinks(part: size.count, ranks: placement.ranks, fabric: fabric)
    let rate: Bandwidth = min(
      .gigabytesPerSecond(calibration.linkShare * fabric.intraTotal),
      Double(channels) * calibration.channelBandwidth)
    let growth = min(1, Double(size.count) / Double(calibration.rampBytes.count))
    return CollectiveCost(
      latency: calibration.start, transfer: size / rate, fill: growth * calibration.ramp,
      choice: nil, blocks: channels)
  }
  let channels = PeerChannels.onNetwork(ranks: placement.ranks, fabric: fabric)
  let rate: Bandwidth = min(
    .gigabytesPerSecond(PeerNetwork.messageShare * fabric.rail),
    Double(channels) * PeerNetwork.channelBandwidth)
  return CollectiveCost(
    latency: PeerNetwork.start + fabric.nicLatency, transfer: size / rate,
    fill: size > .kibibytes(128) ? PeerNetwork.rendezvous : .zero, choice: nil, blocks: channels)
}

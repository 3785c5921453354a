import Foundation
import Units

/// The time of an all-to-all, which NCCL runs as sends and receives between all pairs.
///
/// NVLink and NIC legs run together, so the slower one counts; only bytes for other ranks move:
///
///     t = α + d · (1 − exp(−(S/n) / s₀)) + max(S(p − 1)/n / B_link, S(n − p)/n / B_nic)
///
/// with `p` ranks per node. The start-up grows with the message as NCCL leaves its low-latency
/// protocol; `B_link` is a share of the links, or less where the open channels carry less.
func allToAllCost(
  _ size: Bytes, _ placement: GroupPlacement, _ fabric: CollectiveFabric
) -> CollectiveCost {
  let calibration = fabric.calibration.peers
  let part = Double(size.count) / Double(placement.ranks)
  let peers = Double(placement.ranksPerNode - 1)
  let channels = PeerChannels.onLinks(
    part: size.count / placement.ranks, ranks: placement.ranks, fabric: fabric)
  let local: Bandwidth = min(
    .gigabytesPerSecond(calibration.linkShare * fabric.intraTotal),
    (max(1, peers) * Double(channels)) * calibration.channelBandwidth)
  let localTime = Seconds(part * peers / local.bytesPerSecond)
  let growth = 1 - exp(-part / Double(calibration.rampBytes.count))
  guard !placement.isInsideNode else {
    return CollectiveCost(
      latency: calibration.start, transfer: localTime, fill: growth * calibration.ramp,
      choice: nil, blocks: 32)
  }
  let remote = part * Double(placement.ranks - placement.ranksPerNode)
  let remoteTime = Seconds(remote / (1e9 * PeerNetwork.manyPeersShare * fabric.rail))
  return CollectiveCost(
    latency: calibration.start + PeerNetwork.start + fabric.nicLatency,
    transfer: max(localTime, remoteTime),
    fill: growth * calibration.ramp + PeerNetwork.ramp(of: size), choice: nil, blocks: 32)
}

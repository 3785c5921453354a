import Foundation
import Units

/// The time of an all-to-all, which NCCL runs as sends and receives between all pairs.
///
/// NVLink and NIC legs run together, so the slower one counts; only bytes for other ranks move:
///
///     t = α + d · (1 − exp(−(S/n) / s₀)) + max(S(p − 1)/n / B_link, S(n − p)/n / B_nic)
///
/// with `p` ranks per node. The start-up grows with the message as NCCL opens channels. Between nodes
/// each batch of eight peers adds a network start.
func allToAllCost(
  _ size: Bytes, _ placement: GroupPlacement, _ fabric: CollectiveFabric
) -> CollectiveCost {
  let calibration = fabric.calibration.peers
  let ranks = Double(placement.ranks)
  let members = Double(placement.ranksPerNode)
  let part = Double(size.count) / ranks
  let local = part * (members - 1) / (1e9 * calibration.linkShare * fabric.intraTotal)
  let rails = fabric.rails(members: placement.ranksPerNode)
  let nicPerRank = Double(rails.count) * rails.speed / members
  let remote = part * (ranks - members) / (1e9 * networkShare * nicPerRank)
  let growth = 1 - exp(-part / Double(calibration.rampBytes.count))
  let start = placement.isInsideNode ? calibration.start : networkStart
  return CollectiveCost(
    latency: start, transfer: Seconds(max(local, remote)), fill: growth * calibration.ramp,
    choice: nil, blocks: 32)
}

import Foundation
public import Units

/// The start-up of a message between nodes: fitted to ring send-receive on 2–32 nodes of B200
/// (NCCL 2.29.7), where it is 24 µs, and 12 µs more above 128 KiB.
let networkStart = Seconds.microseconds(24)
private let networkRendezvous = Seconds.microseconds(12)
/// The share of a NIC's line rate that messages reach: 44.5 GB/s of 400 Gb/s in the same data.
let networkShare = 0.89
/// What one channel of a message carries through a NIC, from the same data.
private let networkChannelBandwidth = Bandwidth.gigabytesPerSecond(14.5)

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
  isIntraNode
    ? linkTransfer(size, fabric, communicatorRanks)
    : networkTransfer(size, fabric, communicatorRanks)
}

private func linkTransfer(
  _ size: Bytes, _ fabric: CollectiveFabric, _ ranks: Int
) -> CollectiveCost {
  let calibration = fabric.calibration.peers
  let links = if case .nvLink(let links) = fabric.intraLink { links } else { 1 }
  let most = min(32, powerOfTwo(notBelow: links))
  var channels = min(most, max(1, size.count >> 16))
  while channels > 1, channels * ranks > 32 { channels /= 2 }
  while channels < most, size.count / channels > 16 << 20 { channels *= 2 }
  let rate = min(
    .gigabytesPerSecond(messageLinkShare * fabric.intraTotal),
    Double(channels) * calibration.channelBandwidth)
  return CollectiveCost(
    latency: calibration.messageStart, transfer: size / rate, fill: .zero, choice: nil,
    blocks: channels)
}

/// The share of the NVLink total that one message reaches: 348 of 370.8 GB/s on H100.
private let messageLinkShare = 0.94

private func networkTransfer(
  _ size: Bytes, _ fabric: CollectiveFabric, _ ranks: Int
) -> CollectiveCost {
  let rails = fabric.rails(members: 1)
  let line = Double(rails.count) * rails.speed
  let groups = (ranks + 7) / 8
  var channels = max(2, powerOfTwo(notBelow: Int((line / 14).rounded(.up))))
  while channels > 1, channels * groups > 16 { channels /= 2 }
  let rate = min(
    .gigabytesPerSecond(networkShare * line), Double(channels) * networkChannelBandwidth)
  let isLarge = size > .kibibytes(128)
  return CollectiveCost(
    latency: isLarge ? networkStart + networkRendezvous : networkStart, transfer: size / rate,
    fill: .zero, choice: nil, blocks: channels)
}

/// The smallest power of two that is at least a positive number.
private func powerOfTwo(notBelow value: Int) -> Int {
  value <= 1 ? 1 : 1 << (floorLog2(value - 1) + 1)
}

import Foundation
import Graph
import Units

extension Tuner {
  /// The calibrated price of a reduction or gather in the switch.
  ///
  ///     t = latency + (S + loops · min(S, loop)) / min(B_link · share · share(chunk), B_nic · share)
  func nvlsCost(
    of choice: CollectiveChoice, _ delay: Seconds, _ operation: CollectiveOperation, _ size: Bytes
  ) -> CollectiveCost {
    let calibration = fabric.calibration.nvls
    let pipeline = NVLSPipeline(tuner: self, size: size)
    let growth = domainGrowth
    let share = calibration.share + growth * (calibration.rackShare - calibration.share)
    let nodeFill = choice.algorithm == .nvls ? calibration.fill : calibration.treeFill
    let loops = nodeFill + growth * (calibration.rackFill - nodeFill)
    let heads = Double(graph(of: choice.algorithm).channels) * busShare(operation)
    var channel =
      share * calibration.share(ofChunk: pipeline.chunk) * linkBandwidthPerHead(operation)
    if choice.algorithm == .nvlsTree {
      channel = min(channel, calibration.networkShare * networkBandwidthPerHead)
    } else if !placement.isInsideNode {
      // With SHARP a node sends each byte once and gets its sum once, so that a rail's algorithm
      // bandwidth is its line rate. Nothing beyond two rows was measured.
      channel = min(channel, calibration.networkShare * fabric.rail / busShare(operation))
    }
    let rate = Bandwidth.gigabytesPerSecond(heads * channel)
    let filling = Bytes(Int(loops * min(Double(size.count), pipeline.loop)))
    return CollectiveCost(
      latency: delay + synchronization, transfer: size / rate, fill: filling / rate,
      choice: choice, blocks: pipeline.blocks)
  }

  /// What synchronizing a larger domain adds: NVLS barriers over all members, and two racks of 64
  /// take some 70 µs longer than two nodes of 8. Grows with the logarithm of the members.
  private var synchronization: Seconds {
    let rounds = max(1, logOfMembers / 3)
    return (rounds - 1) * .microseconds(fabric.calibration.intraHop * tables.nvLinkNVLS)
  }

  /// From 0 for a domain of up to 8 members to 1 for one of 64 and more.
  private var domainGrowth: Double { min(1, max(0, logOfMembers / 3 - 1)) }

  private var logOfMembers: Double { log2(Double(placement.ranksPerNode)) }

  /// What the links allow, in GB/s, and not the search's table of speeds, which rounds it down: those
  /// of a head carry `heads + 1` shares.
  private func linkBandwidthPerHead(_ operation: CollectiveOperation) -> Double {
    let heads = Double(graph(of: .nvls).channels)
    return nvlsChannelBandwidth(fabric.intraTotal / (heads + 1), operation)
  }

  /// What the NICs and the tree over nodes allow, in GB/s: two nodes cross the network once each way.
  private var networkBandwidthPerHead: Double {
    let twice = placement.nodes <= 2 ? 2.0 : 1
    return min(graph(of: .nvlsTree).inter * twice, tables.nvlsTreeCap[nodeColumn])
  }
}

extension NVLSCalibration {
  /// The share of bandwidth that a chunk size reaches.
  func share(ofChunk bytes: Int) -> Double {
    switch bytes >> 10 {
    case ..<32: smallChunkShares[0]
    case ..<64: smallChunkShares[1]
    case ..<128: smallChunkShares[2]
    default: 1
    }
  }
}

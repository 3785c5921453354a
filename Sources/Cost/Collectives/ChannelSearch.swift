import Hardware

/// NCCL's graph search as arithmetic: enough for nodes whose GPUs and NICs are alike.
///
/// The real search walks paths through the topology; in a symmetric node, what it finds depends
/// only on what a GPU and a NIC can carry.
/// - SeeAlso: NCCL 2.30 `src/graph/search.cc`, `ncclTopoCompute`.
struct ChannelSearch {
  private let generation: Architecture
  private let spansNodes: Bool
  private let members: Int
  /// GB/s that one GPU can carry inside the domain.
  private let total: Double
  /// GB/s that one GPU can put on the network.
  private let rail: Double
  private let speeds: [Double]
  /// The most channels that the search opens: half of NCCL's 64.
  private let channelLimit = 32

  init(fabric: CollectiveFabric, placement: GroupPlacement) {
    generation = fabric.generation
    spansNodes = !placement.isInsideNode
    members = placement.ranksPerNode
    // A lone GPU of a node has only local traffic, which NCCL counts at 5000 GB/s.
    total = members == 1 ? 5000 : fabric.intraTotal
    rail = fabric.rail
    speeds =
      spansNodes
      ? ChannelSpeeds.inter(generation, fabric.version)
      : ChannelSpeeds.intra(generation, fabric.version)
  }

  /// Rings: as many channels as fit at the speed that carries most.
  func ring() -> ChannelGraph {
    var best = (channels: 0, speed: 0.0)
    for speed in speeds where fits(speed) {
      // A speed under half of the best only adds channels.
      if best.channels > 0, speed / best.speed <= 0.49 { break }
      let channels = channels(at: speed)
      if Double(channels) * speed > Double(best.channels) * best.speed { best = (channels, speed) }
    }
    guard best.channels > 0 else { return narrowest }
    if best.speed >= 25, generation == .ampere || best.speed >= 50 || best.channels <= 4 {
      best = (min(2 * best.channels, 2 * channelLimit), best.speed / 2)
    }
    let faster = speeds.first { fits($0) && channels(at: $0) >= best.channels } ?? best.speed
    best.speed = max(best.speed, faster)
    return ChannelGraph(channels: best.channels, intra: best.speed, inter: best.speed)
  }

  /// Trees use the ring's channels; a chain leaves one GPU's link idle, which helps when every
  /// channel starts at the GPU of another NIC.
  func tree(like ring: ChannelGraph) -> ChannelGraph {
    let reach =
      spansNodes && members > 1 ? total * Double(members) / Double(members - 1) : total
    let wanted = ring.channels
    func holds(_ speed: Double) -> Bool { speed * Double(wanted) <= reach }
    guard
      let inter = speeds.first(where: {
        holds($0) && (!spansNodes || channels(onRailsAt: $0) >= wanted)
      })
    else { return ring }
    guard spansNodes, members > 1 else {
      return ChannelGraph(channels: wanted, intra: inter, inter: inter)
    }
    var intra = inter
    for speed in speeds.reversed() where speed > inter && intra < 2 * inter && holds(speed) {
      intra = speed
    }
    return ChannelGraph(channels: wanted, intra: intra, inter: inter)
  }

  /// NVLS: one channel per head; a head carries its reduction and its broadcast, so `heads + 1`
  /// shares of the speed cross its links. Nil with fewer than two heads.
  func nvls() -> ChannelGraph? {
    let heads = nvlsHeads
    guard heads >= 2 else { return nil }
    func reaches(_ speed: Double) -> Bool { !spansNodes || speed <= rail }
    guard let intra = speeds.first(where: { reaches($0) && Double(heads + 1) * $0 <= total })
    else { return nil }
    var inter = intra
    for speed in speeds.reversed() where speed > intra && inter < 2 * intra && reaches(speed) {
      inter = speed
    }
    return ChannelGraph(channels: heads, intra: intra, inter: inter)
  }

  /// GPUs whose memory collects a share of the reduction; each has a rail of its own.
  private var nvlsHeads: Int { min(32, members) }

  private func fits(_ speed: Double) -> Bool {
    speed <= total && (!spansNodes || speed <= rail)
  }

  private func channels(at speed: Double) -> Int {
    let local = Int(total / speed)
    let limit = spansNodes ? min(local, channels(onRailsAt: speed)) : local
    return min(limit, channelLimit)
  }

  private func channels(onRailsAt speed: Double) -> Int { members * Int(rail / speed) }

  /// Where even the slowest candidate does not fit: one channel over all there is.
  private var narrowest: ChannelGraph {
    let speed = spansNodes ? min(total, rail) : total
    return ChannelGraph(channels: 1, intra: speed, inter: speed)
  }
}

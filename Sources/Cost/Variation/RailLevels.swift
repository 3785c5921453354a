public import Hardware
import Units

/// How much of its bandwidth each rank's NIC has left, where some rails are degraded.
public struct RailLevels: Hashable, Sendable {
  /// Distinct shares of the bandwidth, the whole first and falling.
  public let shares: [Double]
  /// By rank, the index of its share.
  public let levels: [Int32]

  /// - Parameters:
  ///   - degraded: what the user says; rails that the cluster has.
  ///   - ranks: of the step.
  ///   - cluster: where; ranks fill its NVLink domains in order, and NICs are spread evenly over their
  ///     GPUs.
  public init(_ degraded: [DegradedRail], ranks: Int, cluster: Cluster) {
    let links = MachineLinks(cluster)
    var shareOfRail = [Double](repeating: 1, count: links.rails)
    for part in degraded { shareOfRail[part.rail] *= part.share }
    let shares = Set(shareOfRail + [1]).sorted(by: >)
    levels = (0..<ranks).map { rank in
      let share = shareOfRail[links.rail(of: rank)]
      return Int32(shares.firstIndex(of: share) ?? 0)
    }
    self.shares = shares
  }

  /// The slowest of some ranks' NICs.
  func level(of ranks: some Sequence<Int>) -> Int {
    ranks.reduce(0) { max($0, Int(levels[$1])) }
  }
}

extension MachineLinks {
  /// The rail of a rank's NIC.
  func rail(of rank: Int) -> Int { rank % domainSize * nics / domainSize % rails }
}

extension Cluster {
  /// The same cluster with slower NICs everywhere.
  ///
  /// - Parameter share: what is left of their bandwidth.
  func slowed(to share: Double) -> Cluster {
    guard share != 1 else { return self }
    let link = fabric.pointToPoint
    let slowLink = PointToPoint(
      latency: link.latency, longMessageLatency: link.longMessageLatency,
      channelBandwidth: link.channelBandwidth, bandwidth: share * link.bandwidth)
    let slowFabric = Fabric(
      nicsPerNode: fabric.nicsPerNode, nicBandwidth: share * fabric.nicBandwidth,
      nicLatency: fabric.nicLatency, rails: fabric.rails, pointToPoint: slowLink,
      library: fabric.library)
    return Cluster(
      name: name, summary: summary, device: device, node: node, fabric: slowFabric, host: host,
      facts: facts)
  }
}

import Graph
import Hardware
import Units

/// Factors on the tuner's latency constants: one for the tuner itself, fitted ones for times.
struct LatencyScale {
  /// On the start-up.
  let base: Double
  /// On a hop inside the domain.
  let intra: Double
  /// On a hop through the network.
  let network: Double

  static let one = LatencyScale(base: 1, intra: 1, network: 1)
}

extension Tuner {
  /// The latency of one call in microseconds.
  func latency(
    _ algorithm: NCCLAlgorithm, _ transferProtocol: NCCLProtocol, _ operation: CollectiveOperation,
    _ size: Bytes, scale: LatencyScale
  ) -> Double {
    let column = transferProtocol.rawValue
    let rounds = Double(floorLog2(placement.nodes))
    func network(_ hop: Double) -> Double {
      // Simple flushes through the NIC after the data.
      let crossings = transferProtocol == .simple ? 2.0 : 1
      return scale.network * hop + crossings * fabric.nicLatency.microseconds
    }
    switch algorithm {
    case .ring: return ringLatency(transferProtocol, operation, size, scale, network)
    case .tree:
      let hops = Double(placement.ranksPerNode - 1)
      return scale.base * tables.baseTree[column] + 2
        * (hops * scale.intra * intraHops.tree[column]
          + rounds * network(tables.network.tree[column]))
    case .nvls:
      let crossing = placement.isInsideNode ? 0 : network(tables.networkNVLS)
      return scale.base * tables.baseNVLS + scale.intra * nvlsHop + crossing
    case .nvlsTree:
      return scale.base * tables.baseNVLSTree + scale.intra * nvlsHop
        + 2 * rounds * network(tables.networkNVLSTree)
    case .pat:
      return scale.base * tables.basePAT + rounds * network(tables.networkPAT) / 3.5
        + 2.8 * Double(placement.ranks)
    }
  }

  private func ringLatency(
    _ transferProtocol: NCCLProtocol, _ operation: CollectiveOperation, _ size: Bytes,
    _ scale: LatencyScale, _ network: (Double) -> Double
  ) -> Double {
    let column = transferProtocol.rawValue
    let base = scale.base * tables.baseRing[column]
    let intra = scale.intra * intraHops.ring[column]
    // With one GPU per node the tuner reads the tree's row, whose hops are all network.
    let hop = placement.ranksPerNode == 1 ? tables.network.tree : tables.network.ring
    let inter = network(hop[column])
    if operation == .broadcast { return base + (placement.isInsideNode ? intra : inter) }
    let crossings = networkSteps(of: operation)
    let local = max(intra, networkOverhead(transferProtocol))
    let delay =
      base + Double(ringSteps(of: operation) - crossings) * local + Double(crossings) * inter
    return isOnPlateau(transferProtocol, operation, size) ? tables.plateau * delay : delay
  }

  /// Ring steps that go through the network.
  private func networkSteps(of operation: CollectiveOperation) -> Int {
    if placement.isInsideNode { return 0 }
    return operation == .allReduce ? 2 * (placement.nodes - 1) : placement.nodes - 1
  }

  /// What the host adds to each step of a ring on several nodes, in microseconds.
  private func networkOverhead(_ transferProtocol: NCCLProtocol) -> Double {
    guard tables.countsNetworkOverhead, !placement.isInsideNode else { return 0 }
    let overhead = fabric.cpu == .amd ? 2.0 : 1
    return transferProtocol == .simple ? 3 * overhead : overhead
  }

  private func isOnPlateau(
    _ transferProtocol: NCCLProtocol, _ operation: CollectiveOperation, _ size: Bytes
  ) -> Bool {
    transferProtocol == .simple && operation == .allReduce && !placement.isInsideNode
      && size.count / (communicatorChannels * placement.ranks) >= 64
  }

  private var intraHops: TunerTables.HopTimes { usesNVLink ? tables.nvLink : tables.pcie }

  private var nvlsHop: Double { usesNVLink ? tables.nvLinkNVLS : 0 }

  /// Channels of the communicator: twice those of the ring graph, and on several nodes with fast
  /// links and few channels twice again.
  var communicatorChannels: Int {
    let doubled = 2 * ringGraph.channels
    let isFast = fabric.generation != .ampere && ringGraph.intra > 45 && doubled < 16
    return isFast && !placement.isInsideNode ? 2 * doubled : doubled
  }
}

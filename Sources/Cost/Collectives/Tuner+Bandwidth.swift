import Graph
import Units

extension Tuner {
  /// The tuner's algorithm bandwidth in GB/s: message size over time, without latency.
  func bandwidth(
    _ algorithm: NCCLAlgorithm, _ transferProtocol: NCCLProtocol, _ operation: CollectiveOperation
  ) -> Double {
    switch algorithm {
    case .nvls, .nvlsTree: return nvlsBandwidth(algorithm, operation)
    case .ring: return ringBusBandwidth(transferProtocol, operation) * busShare(operation)
    case .tree: return 0.5 * treeBusBandwidth(transferProtocol)
    case .pat: return tables.patShare * busBandwidth(treeGraph)
    }
  }

  /// The factor on the bandwidth of trees at some sizes, which the tuner holds as a table.
  func correction(
    _ algorithm: NCCLAlgorithm, _ transferProtocol: NCCLProtocol, _ operation: CollectiveOperation,
    _ size: Bytes
  ) -> Double {
    guard operation == .allReduce, size.count >= 64 else { return 1 }
    let index = floorLog2(size.count / 64)
    switch algorithm {
    case .tree where index < 23,
      .nvlsTree where tables.correctsNVLSTree && index < 24:
      return TunerTables.treeCorrection[transferProtocol.rawValue][index]
    default: return 1
    }
  }

  private func busBandwidth(_ graph: ChannelGraph) -> Double {
    let channel = placement.nodes <= 2 ? graph.intra : graph.inter
    return min(tables.busCap, Double(graph.channels) * channel)
  }

  private func ringBusBandwidth(
    _ transferProtocol: NCCLProtocol, _ operation: CollectiveOperation
  ) -> Double {
    let bus = busBandwidth(ringGraph)
    switch transferProtocol {
    case .ll:
      let reduces = operation == .allReduce && !placement.isInsideNode
      let share = reduces ? tables.ringLLShare.reduceOverNetwork : tables.ringLLShare.other
      return min(llCap, share * bus)
    case .ll128:
      return min(0.92 * bus, Double(ringGraph.channels) * tables.ringLL128Cap[nodeColumn])
    case .simple: return bus
    }
  }

  private func treeBusBandwidth(_ transferProtocol: NCCLProtocol) -> Double {
    let channels = Double(treeGraph.channels)
    let bus = min(0.92 * busBandwidth(treeGraph), channels * tables.treeCap[nodeColumn])
    // With one GPU per node the search falls back to the plain pattern, where one GPU bears all.
    let pattern = placement.ranksPerNode == 1 ? 0.85 : 1
    switch transferProtocol {
    case .ll: return pattern * min(bus / 3.8, llCap)
    case .ll128:
      let share = placement.isInsideNode ? 7.0 / 9 : 120.0 / 128
      return pattern * min(share * bus, channels * tables.treeLL128Cap[nodeColumn])
    case .simple: return pattern * bus
    }
  }

  private func nvlsBandwidth(_ algorithm: NCCLAlgorithm, _ operation: CollectiveOperation) -> Double
  {
    let graph = graph(of: algorithm)
    switch tables.nvlsForm {
    case .share(let share):
      let channel = placement.nodes <= 2 ? graph.intra : graph.inter
      return share * Double(graph.channels) * channel
    case .heads:
      let twice = algorithm == .nvlsTree && placement.nodes <= 2 ? 2.0 : 1
      var channel = min(
        nvlsChannelBandwidth(graph.intra, operation), graph.inter * twice)
      if algorithm == .nvlsTree { channel = min(channel, tables.nvlsTreeCap[nodeColumn]) }
      let bus = Double(graph.channels) * channel
      return operation == .allReduce ? bus * busShare(operation) : bus
    }
  }

  /// The bus bandwidth in GB/s that one head yields from its share of NVLink.
  func nvlsChannelBandwidth(_ speed: Double, _ operation: CollectiveOperation) -> Double {
    let heads = Double(graph(of: .nvls).channels)
    let members = Double(placement.ranksPerNode)
    let twoWay = operation == .allReduce ? 2 : (members - 1) / members
    return speed * tables.nvlsEfficiency * (heads - 1) / heads * twoWay
  }

  /// Algorithm bandwidth over bus bandwidth: `n` over the steps of a ring.
  func busShare(_ operation: CollectiveOperation) -> Double {
    Double(placement.ranks) / Double(ringSteps(of: operation))
  }

  /// Steps of a ring: each rank sends one part per step.
  func ringSteps(of operation: CollectiveOperation) -> Int {
    switch operation {
    case .allReduce: 2 * (placement.ranks - 1)
    case .allGather, .reduceScatter, .allToAll: placement.ranks - 1
    case .broadcast: placement.ranks
    case .ringExchange: 1
    }
  }

  private var llCap: Double {
    placement.isInsideNode ? tables.llCapOneNode : tables.llCapNetwork[nodeColumn]
  }
}

/// The position of the highest bit: floor(log₂ value) of a positive number.
func floorLog2(_ value: Int) -> Int { Int.bitWidth - 1 - value.leadingZeroBitCount }

public import Graph
public import Units

/// NCCL's tuner: the time it expects of each algorithm and protocol, and so the one it picks.
///
///     T = latency + S / (bandwidth · correction)
///
/// Constants rank choices well and promise times badly (they are low by a fifth in the median), so
/// `collectiveCost` uses this only to choose.
/// - SeeAlso: NCCL 2.30 `src/graph/tuning.cc`, `ncclTopoTuneModel` and `ncclTopoGetAlgoTime`.
public struct Tuner: Sendable {
  let fabric: CollectiveFabric
  let placement: GroupPlacement
  let tables: TunerTables
  let ringGraph: ChannelGraph
  let treeGraph: ChannelGraph
  let nvlsGraph: ChannelGraph?

  /// - Parameters:
  ///   - fabric: the machine.
  ///   - placement: at least two ranks; unequal nodes count as full ones.
  public init(fabric: CollectiveFabric, placement: GroupPlacement) {
    precondition(placement.ranks >= 2, "a collective needs at least two ranks")
    self.fabric = fabric
    self.placement = placement
    tables = TunerTables(
      generation: fabric.generation, cpu: fabric.cpu, version: fabric.version)
    let search = ChannelSearch(fabric: fabric, placement: placement)
    ringGraph = search.ring()
    treeGraph = search.tree(like: ringGraph)
    nvlsGraph = fabric.hasNVLS && tables.hasNVLS ? search.nvls() : nil
  }

  /// All legal choices, the fastest first in the tuner's eyes.
  public func rankedChoices(
    for operation: CollectiveOperation, size: Bytes
  ) -> [CollectiveChoice] {
    var choices: [CollectiveChoice] = []
    forEachChoice(for: operation, size: size) { choices.append($0) }
    return choices.sorted { $0.tunerTime < $1.tunerTime }
  }

  /// What NCCL would run; ring in the Simple protocol at worst.
  public func choice(for operation: CollectiveOperation, size: Bytes) -> CollectiveChoice {
    let fallback = choice(.ring, .simple, for: operation, size: size)
    var best: CollectiveChoice?
    forEachChoice(for: operation, size: size) { choice in
      if let wanted = fabric.options.algorithm, choice.algorithm != wanted { return }
      if choice.tunerTime < best?.tunerTime ?? Seconds(.infinity) { best = choice }
    }
    return best ?? fallback
  }

  private func forEachChoice(
    for operation: CollectiveOperation, size: Bytes, _ body: (CollectiveChoice) -> Void
  ) {
    for algorithm in NCCLAlgorithm.allCases where isAvailable(algorithm, for: operation) {
      for transferProtocol in NCCLProtocol.allCases
      where isAvailable(transferProtocol, with: algorithm) {
        body(choice(algorithm, transferProtocol, for: operation, size: size))
      }
    }
  }

  private func choice(
    _ algorithm: NCCLAlgorithm, _ transferProtocol: NCCLProtocol,
    for operation: CollectiveOperation, size: Bytes
  ) -> CollectiveChoice {
    let delay = latency(algorithm, transferProtocol, operation, size, scale: .one)
    let bandwidth =
      bandwidth(algorithm, transferProtocol, operation)
      * correction(algorithm, transferProtocol, operation, size)
    return CollectiveChoice(
      algorithm: algorithm, transferProtocol: transferProtocol,
      channels: graph(of: algorithm).channels,
      tunerLatency: .microseconds(delay), tunerBandwidth: .gigabytesPerSecond(bandwidth),
      tunerTime: .microseconds(delay + Double(size.count) / (1000 * bandwidth)))
  }

  private func isAvailable(
    _ algorithm: NCCLAlgorithm, for operation: CollectiveOperation
  ) -> Bool {
    let reduces = operation == .allReduce
    let gathers = operation == .allGather || operation == .reduceScatter
    let isInside = placement.isInsideNode
    switch algorithm {
    case .ring: return true
    case .tree: return reduces
    case .nvls:
      guard nvlsGraph != nil, isInside || fabric.options.reducesInNetwork else { return false }
      return reduces || gathers && tables.hasNVLSGather && placement.ranksPerNode <= 32
    case .nvlsTree: return reduces && !isInside && nvlsGraph != nil
    case .pat:
      return gathers && tables.hasPAT && placement.ranksPerNode == 1
    }
  }

  private func isAvailable(
    _ transferProtocol: NCCLProtocol, with algorithm: NCCLAlgorithm
  ) -> Bool {
    switch transferProtocol {
    case .simple: true
    case .ll: algorithm.hasLowLatencyProtocols
    case .ll128: algorithm.hasLowLatencyProtocols && (usesNVLink || placement.ranksPerNode == 1)
    }
  }

  var usesNVLink: Bool {
    if case .nvLink = fabric.intraLink { true } else { false }
  }

  /// The column of the tables that are kept by nodes.
  var nodeColumn: Int { min(placement.nodes, 3) - 1 }

  func graph(of algorithm: NCCLAlgorithm) -> ChannelGraph {
    switch algorithm {
    case .ring: ringGraph
    case .tree, .pat: treeGraph
    case .nvls, .nvlsTree: nvlsGraph ?? ringGraph
    }
  }
}

public import Graph
public import Units

/// The price of a collective of a step graph on a group of ranks.
///
/// Ranks are taken to start together. A group that crosses nodes with `p` of its ranks on a node has
/// `p` NIC rails there, because sibling groups run the same collective on the other GPUs
/// (`CollectiveFabric.rails`).
///
/// Variable collectives: an all-to-all with unequal parts is the same grouped send and receive, priced
/// by its mean; gathers and scatters of unequal parts run as one grouped broadcast or reduction per
/// rank, so their latency counts once per rank (NCCL's rule for aggregated operations).
/// - Complexity: O(channels tried), some microseconds; callers keep the result.
public func collectiveCost(
  of collective: Collective, placement: GroupPlacement, fabric: CollectiveFabric
) -> CollectiveCost {
  let size = collective.messageSize
  let isGrouped = collective.operation == .allGather || collective.operation == .reduceScatter
  guard collective.isVariable, isGrouped, placement.ranks > 1 else {
    return collectiveCost(
      of: collective.operation, size: size, placement: placement, fabric: fabric)
  }
  let each = collectiveCost(of: .broadcast, size: size, placement: placement, fabric: fabric)
  return CollectiveCost(
    latency: Double(placement.ranks) * each.latency, transfer: each.transfer, fill: each.fill,
    choice: each.choice, blocks: each.blocks)
}

/// The price of a collective by operation and size.
///
/// NCCL's tuner chooses; the time follows the chosen way with fitted factors (`CollectiveCalibration`):
///
///     t = latency(base·b, intra·h, network·x) + S / (B · share) + fill
///
/// - Parameters:
///   - operation: what the group runs.
///   - size: nccl-tests' size: the total output of an all-gather, the input of the others.
public func collectiveCost(
  of operation: CollectiveOperation, size: Bytes, placement: GroupPlacement,
  fabric: CollectiveFabric
) -> CollectiveCost {
  guard placement.ranks > 1 else { return .free }
  if operation == .allToAll { return allToAllCost(size, placement, fabric) }
  let tuner = Tuner(fabric: fabric, placement: placement)
  return tuner.cost(of: tuner.choice(for: operation, size: size), operation, size)
}

extension Tuner {
  /// The calibrated price of a choice.
  func cost(
    of choice: CollectiveChoice, _ operation: CollectiveOperation, _ size: Bytes
  ) -> CollectiveCost {
    let calibration = fabric.calibration
    let delay = latency(
      choice.algorithm, choice.transferProtocol, operation, size, scale: calibration.latencyScale)
    let isSimpleRing = choice.algorithm == .ring && choice.transferProtocol == .simple
    if choice.algorithm == .nvls || choice.algorithm == .nvlsTree {
      return nvlsCost(of: choice, delay, operation, size)
    }
    let saturation = min(1, Double(size.count) / Double(64 << 20))
    let share = isSimpleRing ? calibration.ringShare : 1
    return CollectiveCost(
      latency: .microseconds(delay), transfer: size / (share * choice.tunerBandwidth),
      fill: isSimpleRing ? saturation * calibration.ringFill : .zero, choice: choice,
      blocks: blocks(of: choice, size))
  }

  private func nvlsCost(
    of choice: CollectiveChoice, _ delay: Double, _ operation: CollectiveOperation, _ size: Bytes
  ) -> CollectiveCost {
    let calibration = fabric.calibration.nvls
    let pipeline = NVLSPipeline(tuner: self, size: size)
    let rate =
      calibration.share * calibration.share(ofChunk: pipeline.chunk)
      * physicalNVLSBandwidth(choice.algorithm, operation)
    let loops = choice.algorithm == .nvls ? calibration.fill : calibration.treeFill
    let filling = loops * min(Double(size.count), pipeline.loop)
    return CollectiveCost(
      latency: .microseconds(delay), transfer: .microseconds(Double(size.count) / (1000 * rate)),
      fill: .microseconds(filling / (1000 * rate)), choice: choice, blocks: pipeline.blocks)
  }

  /// NVLS bandwidth in GB/s as the links allow, not as the search's table of speeds rounds it.
  ///
  /// Inside a node, the links of a head carry `heads + 1` shares; on several nodes the NICs bound it.
  private func physicalNVLSBandwidth(
    _ algorithm: NCCLAlgorithm, _ operation: CollectiveOperation
  ) -> Double {
    let heads = Double(graph(of: algorithm).channels)
    let speed = fabric.intraTotal / (heads + 1)
    var channel = nvlsChannelBandwidth(speed, operation)
    if algorithm == .nvlsTree {
      let twice = placement.nodes <= 2 ? 2.0 : 1
      channel = min(channel, graph(of: algorithm).inter * twice)
      channel = min(channel, tables.nvlsTreeCap[nodeColumn])
    }
    return heads * channel * busShare(operation)
  }

  /// Channels that NCCL opens for a ring or tree: fewer while each thread would have too little.
  private func blocks(of choice: CollectiveChoice, _ size: Bytes) -> Int {
    let perChannel =
      switch choice.transferProtocol {
      case .ll: 512 * 8 * (choice.algorithm == .ring ? placement.ranks : 1)
      case .ll128: 640 * 8
      case .simple: 512 * 64
      }
    return max(1, min(communicatorChannels, size.count / perChannel))
  }
}

extension NVLSCalibration {
  func share(ofChunk bytes: Int) -> Double {
    switch bytes >> 10 {
    case ..<32: smallChunkShares[0]
    case ..<64: smallChunkShares[1]
    case ..<128: smallChunkShares[2]
    default: 1
    }
  }
}

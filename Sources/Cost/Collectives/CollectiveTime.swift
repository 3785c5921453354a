public import Graph
public import Units

/// The price of a collective of a step graph on a group of ranks.
///
/// Ranks are taken to start together. A group that crosses nodes with `p` of its ranks on a node has
/// `p` NIC rails there, because sibling groups run the same collective on the other GPUs
/// (`CollectiveFabric.rail`).
///
/// Variable collectives: an all-to-all with unequal parts is the same grouped send and receive, priced
/// by its mean; gathers and scatters of unequal parts run as one grouped broadcast or reduction per
/// rank, so their latency counts once per rank (NCCL's rule for aggregated operations).
/// - Complexity: some microseconds; callers keep the result.
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
/// The tuner of the fabric's release chooses; the time follows the chosen way with the latest constants,
/// which are the best known, and the factors fitted to them (`CollectiveCalibration`):
///
///     t = latency(base·b, intra·h, network·x) + S / (B · share) + fill
///
/// - Parameters:
///   - operation: what the group runs.
///   - size: nccl-tests' size: the total output of an all-gather, the input of the others.
///   - placement: where the ranks lie; a lone rank is free.
///   - fabric: the machine.
public func collectiveCost(
  of operation: CollectiveOperation, size: Bytes, placement: GroupPlacement,
  fabric: CollectiveFabric
) -> CollectiveCost {
  guard placement.ranks > 1 else { return .free }
  if operation == .allToAll { return allToAllCost(size, placement, fabric) }
  if operation == .ringExchange { return ringExchangeCost(size, placement, fabric) }
  let tuner = Tuner(fabric: fabric, placement: placement)
  let choice = tuner.choice(for: operation, size: size)
  guard fabric.version != .latest else { return tuner.cost(of: choice, operation, size) }
  return Tuner(fabric: fabric.seen(by: .latest), placement: placement)
    .cost(of: choice, operation, size)
}

extension Tuner {
  /// The calibrated price of a choice, whichever release made it.
  func cost(
    of choice: CollectiveChoice, _ operation: CollectiveOperation, _ size: Bytes
  ) -> CollectiveCost {
    let calibration = fabric.calibration
    let delay = Seconds.microseconds(
      latency(
        choice.algorithm, choice.transferProtocol, operation, size, scale: calibration.latencyScale)
    )
    if choice.algorithm == .nvls || choice.algorithm == .nvlsTree {
      return nvlsCost(of: choice, delay, operation, size)
    }
    let isSimpleRing = choice.algorithm == .ring && choice.transferProtocol == .simple
    let share = isSimpleRing ? calibration.ringShare : 1
    let bandwidth =
      bandwidth(choice.algorithm, choice.transferProtocol, operation)
      * correction(choice.algorithm, choice.transferProtocol, operation, size)
    let isPartwise = operation == .allGather || operation == .reduceScatter
    let isInside = placement.isInsideNode
    let own =
      isSimpleRing && isPartwise && isInside ? calibration.ownPart / Double(placement.ranks - 1) : 0
    let saturation = min(1, Double(size.count) / Double(64 << 20))
    return CollectiveCost(
      latency: delay, transfer: (1 + own) * (size / .gigabytesPerSecond(share * bandwidth)),
      fill: isSimpleRing ? saturation * calibration.ringFill : .zero, choice: choice,
      blocks: blocks(of: choice, size))
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

public import Graph
public import Hardware
import Parallelism
public import Units

extension StepCosts {
  /// Prices a step on equal ranks.
  ///
  /// - Parameters:
  ///   - graph: what happens.
  ///   - cluster: on what; ranks fill its NVLink domains in order.
  ///   - collectiveTime: the time of a collective on a group that lies as given.
  /// - Throws: `.unsupportedFormat` for the first product that the device cannot compute; `.tooLong`
  ///   for the first operation that the clock cannot count.
  public init(
    graph: StepGraph, cluster: Cluster,
    collectiveTime: (Collective, GroupPlacement) -> Seconds
  ) throws(CostError) {
    try self.init(graph: graph, cluster: cluster, variation: .even) { collective, placement, _ in
      collectiveTime(collective, placement)
    }
  }

  /// Prices a step on ranks that may differ.
  ///
  /// - Parameters:
  ///   - variation: how; parts of the machine that it has (`StepVariation.check`).
  ///   - extra: by work, what its kernels take longer because they run beside communication.
  ///   - collectiveTime: the time of a collective on a group that lies as given, on the cluster or on the
  ///     same with slower NICs.
  public init(
    graph: StepGraph, cluster: Cluster, variation: StepVariation, extra: [Ticks] = [],
    collectiveTime: (Collective, GroupPlacement, Cluster) -> Seconds
  ) throws(CostError) {
    let ranks = graph.grid.worldSize
    let rails =
      variation.degraded.isEmpty
      ? nil : RailLevels(variation.degraded, ranks: ranks, cluster: cluster)
    var pricing = StepPricing(
      graph, cluster: cluster, rails: rails, load: variation.expertLoad, extra: extra)
    var table = CostTable()
    for (index, work) in graph.works.enumerated() {
      try refuseMissingFormat(of: work, on: cluster.device)
      table.append(try pricing.entries(ofWork: index, collectiveTime))
    }
    let experts = try pricing.appendLoadedWorks(to: &table, collectiveTime)
    // A captured step launches like one operation, and nothing in it can wait for the host.
    let isCaptured = graph.configuration.usesCUDAGraphs
    let hostLaunch = try pricing.ticks(
      cluster.stack.launch?.time(on: cluster.node.processor) ?? cluster.host.launch)
    let overhead = try pricing.ticks(StackPricing(graph, on: cluster).overhead)
    self.init(
      durations: table.durations, offset: table.offset, isPerGroup: table.isPerGroup,
      launch: isCaptured ? .zero : hostLaunch,
      graphLaunch: overhead + (isCaptured ? hostLaunch : .zero),
      hostSync: isCaptured ? .zero : try pricing.ticks(cluster.host.synchronization),
      domainSize: cluster.node.nvlink.domainSize, rails: rails, experts: experts)
    self = try varying(
      variation.kernels(ranks: ranks, devicesPerNode: cluster.node.devices))
  }
}

/// Entries of works, one after the other.
struct CostTable {
  private(set) var durations: [Ticks] = []
  private(set) var offset: [Int] = []
  private(set) var isPerGroup: [Bool] = []

  mutating func append(_ entries: [Ticks]) {
    offset.append(durations.count)
    isPerGroup.append(entries.count > 1)
    durations.append(contentsOf: entries)
  }
}

private func refuseMissingFormat(of work: Work, on device: Device) throws(CostError) {
  guard let format = work.productFormat, device.peak.rate(of: format) == nil else { return }
  throw .unsupportedFormat(
    device: device.name, format: format,
    available: NumericFormat.allCases.filter { device.peak.rate(of: $0) != nil })
}

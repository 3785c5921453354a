public import Graph
public import Hardware
public import Units

extension CollectiveFabric {
  /// What NCCL sees of a cluster.
  public init(_ cluster: Cluster) {
    let nvlink = cluster.node.nvlink
    let nodesPerDomain = max(1, nvlink.domainSize / cluster.node.devices)
    self.init(
      generation: cluster.device.architecture, intraLink: .nvLink(links: nvlink.links),
      domainSize: nvlink.domainSize, hasNVLS: nvlink.hasMulticast,
      nics: nodesPerDomain * cluster.fabric.nicsPerNode,
      nicBandwidth: cluster.fabric.nicBandwidth, nicLatency: cluster.fabric.nicLatency,
      cpu: cluster.node.processor,
      version: NCCLVersion(cluster.fabric.library.major, cluster.fabric.library.minor, 99))
  }
}

extension StepCosts {
  /// Prices a step with the collectives that NCCL would choose on the cluster, and with DeepEP's
  /// kernels where the graph routes tokens by them: the low-latency ones in decode.
  ///
  /// - Parameters:
  ///   - variation: how ranks differ; not at all unless given.
  ///   - extra: by work, what its kernels take longer because they run beside communication.
  /// - Throws: `.unsupportedFormat` for the first product that the device cannot compute; `.tooLong`
  ///   for the first operation that the clock cannot count.
  public init(
    graph: StepGraph, cluster: Cluster, variation: StepVariation = .even, extra: [Ticks] = []
  ) throws(CostError) {
    let isDecode = graph.configuration.phase == .decode
    try self.init(graph: graph, cluster: cluster, variation: variation, extra: extra) {
      collective, placement, cluster in
      guard let routing = collective.routing, placement.ranks > 1 else {
        let fabric = CollectiveFabric(cluster)
        return collectiveCost(of: collective, placement: placement, fabric: fabric).time
      }
      let exchange = ExpertExchange(routing, placement: placement)
      return isDecode
        ? lowLatencyExchangeTime(of: exchange, on: cluster)
        : normalExchangeTime(of: exchange, on: cluster)
    }
  }
}

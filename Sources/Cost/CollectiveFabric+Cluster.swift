public import Graph
public import Hardware
import Units

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
  /// Prices a step with the collectives that NCCL would choose on the cluster.
  ///
  /// - Throws: `.unsupportedFormat` for the first product that the device cannot compute.
  public init(graph: StepGraph, cluster: Cluster) throws(CostError) {
    let fabric = CollectiveFabric(cluster)
    try self.init(graph: graph, cluster: cluster) { collective, placement in
      collectiveCost(of: collective, placement: placement, fabric: fabric).time
    }
  }
}

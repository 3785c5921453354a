public import Hardware
import Units

/// The links that flows of a step share, as capacities in bytes per second and direction.
public struct MachineLinks: Hashable, Sendable {
  /// GPUs of one NVLink domain; rank `r` sits in domain `r / domainSize`.
  public let domainSize: Int
  /// The port of one GPU into its NVLink domain.
  public let port: Double
  /// NICs of one domain, spread evenly over its GPUs.
  public let nics: Int
  /// One NIC.
  public let nic: Double
  /// Separate switch planes; NIC `i` of every domain is on rail `i mod rails`.
  public let rails: Int
  /// NVLink domains below one leaf switch of each rail; nil where one switch holds them all.
  public let domainsPerLeaf: Int?
  /// What joins one leaf of one rail to the others.
  public let uplink: Double

  public init(
    domainSize: Int, port: Double, nics: Int, nic: Double, rails: Int = 1,
    tree: FatTree = .nonBlocking
  ) {
    precondition(domainSize >= 1 && nics >= 1 && rails >= 1, "a domain has a GPU, a NIC and a rail")
    self.domainSize = domainSize
    self.port = port
    self.nics = nics
    self.nic = nic
    self.rails = rails
    domainsPerLeaf = tree.domainsPerLeaf
    uplink =
      nic * Double(nics) / Double(rails) * Double(tree.domainsPerLeaf ?? 1) / tree.oversubscription
  }

  /// The links of a cluster.
  public init(_ cluster: Cluster) {
    let nvlink = cluster.node.nvlink
    let nodes = max(1, nvlink.domainSize / cluster.node.devices)
    self.init(
      domainSize: nvlink.domainSize, port: nvlink.bandwidth.bytesPerSecond,
      nics: nodes * cluster.fabric.nicsPerNode, nic: cluster.fabric.nicBandwidth.bytesPerSecond,
      rails: cluster.fabric.rails, tree: cluster.fabric.tree)
  }
}

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
  /// How the network above the NICs is built.
  public let tree: FatTree

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
    self.tree = tree
  }

  /// The links of a cluster.
  public init(_ cluster: Cluster, tree: FatTree = .nonBlocking) {
    let nvlink = cluster.node.nvlink
    let nodes = max(1, nvlink.domainSize / cluster.node.devices)
    self.init(
      domainSize: nvlink.domainSize, port: nvlink.bandwidth.bytesPerSecond,
      nics: nodes * cluster.fabric.nicsPerNode, nic: cluster.fabric.nicBandwidth.bytesPerSecond,
      rails: cluster.fabric.rails, tree: tree)
  }
}

/// Leaf switches and what joins them, on every rail alike.
public struct FatTree: Hashable, Sendable {
  /// NVLink domains below one leaf; nil where one switch holds them all.
  public let domainsPerLeaf: Int?
  /// What NICs below a leaf can send over what its uplinks can, at least 1.
  public let oversubscription: Double

  /// - Precondition: a leaf holds a domain, and its uplinks are no faster than its NICs.
  public init(domainsPerLeaf: Int?, oversubscription: Double) {
    precondition(domainsPerLeaf.map { $0 >= 1 } ?? true, "a leaf holds a domain")
    precondition(oversubscription >= 1, "uplinks need be no faster than what is below them")
    self.domainsPerLeaf = domainsPerLeaf
    self.oversubscription = oversubscription
  }

  /// Nothing above the NICs ever fills up.
  public static let nonBlocking = FatTree(domainsPerLeaf: nil, oversubscription: 1)
}

public import Units

/// The network between nodes, as one node sees it.
public struct Fabric: Hashable, Sendable {
  public let nicsPerNode: Int
  /// One NIC in one direction, datasheet.
  public let nicBandwidth: Bandwidth
  /// Added to every hop on top of the library's constants.
  public let nicLatency: Seconds
  /// Separate switch planes; NIC `i` of every node is on rail `i mod rails`.
  public let rails: Int
  /// How switches above the NICs are joined.
  public let tree: FatTree
  /// Sending from GPU to GPU over the network.
  public let pointToPoint: PointToPoint
  public let library: CollectiveLibrary

  public init(
    nicsPerNode: Int, nicBandwidth: Bandwidth, nicLatency: Seconds, rails: Int,
    tree: FatTree = .nonBlocking, pointToPoint: PointToPoint, library: CollectiveLibrary
  ) {
    self.nicsPerNode = nicsPerNode
    self.nicBandwidth = nicBandwidth
    self.nicLatency = nicLatency
    self.rails = rails
    self.tree = tree
    self.pointToPoint = pointToPoint
    self.library = library
  }
}

/// The version of NCCL whose rules choose algorithms.
public struct CollectiveLibrary: Hashable, Sendable {
  public let major: Int
  public let minor: Int

  public init(major: Int, minor: Int) {
    self.major = major
    self.minor = minor
  }
}

import Units

extension NodeProfile {
  static let keys = ["devices", "processor", "pcie_generation", "nvlink", "point_to_point"]

  init(_ reader: ProfileReader) throws(ProfileError) {
    self.init(
      devices: try reader.count("devices"),
      processor: try reader.word("processor", as: ProcessorKind.self),
      pcieGeneration: try reader.count("pcie_generation"),
      nvlink: try NVLink(reader.section("nvlink", keys: NVLink.keys)),
      pointToPoint: try PointToPoint(
        reader.section("point_to_point", keys: PointToPoint.keys)))
    guard nvlink.domainSize % devices == 0 else {
      throw .contradiction(
        file: reader.file, path: reader.at("nvlink.domain_size"),
        explanation: "\(nvlink.domainSize) is not a whole number of nodes of \(devices)")
    }
  }
}

extension NVLink {
  static let keys = ["domain_size", "links", "link_bandwidth", "has_switch", "has_multicast"]

  init(_ reader: ProfileReader) throws(ProfileError) {
    self.init(
      domainSize: try reader.count("domain_size"), links: try reader.count("links"),
      linkBandwidth: try reader.positive("link_bandwidth"),
      hasSwitch: try reader.flag("has_switch"), hasMulticast: try reader.flag("has_multicast"))
  }
}

extension PointToPoint {
  static let keys = ["latency", "long_message_latency", "channel_bandwidth", "bandwidth"]

  init(_ reader: ProfileReader) throws(ProfileError) {
    self.init(
      latency: try reader.quantity("latency"),
      longMessageLatency: try reader.quantity("long_message_latency"),
      channelBandwidth: try reader.positive("channel_bandwidth"),
      bandwidth: try reader.positive("bandwidth"))
  }
}

extension Fabric {
  static let keys = [
    "nics_per_node", "nic_bandwidth", "nic_latency", "rails", "leaf_switches",
    "point_to_point", "collective_library",
  ]

  init(_ reader: ProfileReader) throws(ProfileError) {
    self.init(
      nicsPerNode: try reader.count("nics_per_node"),
      nicBandwidth: try reader.positive("nic_bandwidth"),
      nicLatency: try reader.quantity("nic_latency"), rails: try reader.count("rails"),
      tree: reader.has("leaf_switches")
        ? try FatTree(reader.section("leaf_switches", keys: FatTree.keys)) : .nonBlocking,
      pointToPoint: try PointToPoint(
        reader.section("point_to_point", keys: PointToPoint.keys)),
      library: try CollectiveLibrary(reader, "collective_library"))
  }
}

extension FatTree {
  static let keys = ["domains", "oversubscription"]

  /// The largest ratio of a NIC's bandwidth to its share of the uplinks that a profile may state.
  private static let largestOversubscription = 1000.0

  init(_ reader: ProfileReader) throws(ProfileError) {
    self.init(
      domainsPerLeaf: try reader.count("domains"),
      oversubscription: try reader.ratio(
        "oversubscription", in: 1...Self.largestOversubscription))
  }
}

extension CollectiveLibrary {
  /// Reads text such as `NCCL 2.30`.
  fileprivate init(_ reader: ProfileReader, _ key: String) throws(ProfileError) {
    let text = try reader.text(key)
    let version = text.dropFirst(5).split(separator: ".", omittingEmptySubsequences: false)
    guard text.hasPrefix("NCCL "), version.count == 2, let major = Int(version[0]),
      let minor = Int(version[1])
    else {
      throw .wrongType(
        file: reader.file, path: reader.at(key), found: "the text \"\(text)\"",
        expected: "a version like \"NCCL 2.30\"")
    }
    self.init(major: major, minor: minor)
  }
}

extension Host {
  static let keys = [
    "launch", "synchronization", "copy_latency", "copy_bandwidth", "memory_share",
  ]

  init(_ reader: ProfileReader) throws(ProfileError) {
    self.init(
      launch: try reader.quantity("launch"),
      synchronization: try reader.quantity("synchronization"),
      copyLatency: try reader.quantity("copy_latency"),
      copyBandwidth: try reader.positive("copy_bandwidth"),
      memoryShare: try reader.positive("memory_share"))
  }
}

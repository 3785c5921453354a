/// What a step runs on: devices in nodes, nodes on a fabric, and the hosts that feed them.
///
/// A cluster has no size: a plan's ranks fill NVLink domains in order, as many as it needs.
public struct Cluster: Hashable, Sendable {
  /// The name that commands take, for example `dgx-h100`.
  public let name: String
  /// One sentence for people.
  public let summary: String
  public let device: Device
  public let node: NodeProfile
  public let fabric: Fabric
  public let host: Host
  /// The software that runs on it.
  public let stack: StackProfile
  /// Every number of the profile with its source, in file order.
  public let facts: [Fact]

  public init(
    name: String, summary: String, device: Device, node: NodeProfile, fabric: Fabric, host: Host,
    stack: StackProfile = .none, facts: [Fact] = []
  ) {
    self.name = name
    self.summary = summary
    self.device = device
    self.node = node
    self.fabric = fabric
    self.host = host
    self.stack = stack
    self.facts = facts
  }

  /// The same machine with another of the device's sets of kernel rates.
  ///
  /// - Throws: `.unknownRates` when the device has no set of that name.
  public func usingRates(_ name: String) throws(ProfileError) -> Cluster {
    Cluster(
      name: self.name, summary: summary, device: try device.usingRates(name), node: node,
      fabric: fabric, host: host, stack: stack, facts: facts)
  }

  /// The same machine running other software.
  public func running(_ stack: StackProfile) -> Cluster {
    Cluster(
      name: name, summary: summary, device: device, node: node, fabric: fabric, host: host,
      stack: stack, facts: facts)
  }
}

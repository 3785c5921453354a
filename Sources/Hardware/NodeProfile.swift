public import Units

/// Who makes the host's processor: collective libraries and launch costs differ by it.
public enum ProcessorKind: String, Hashable, Sendable, CaseIterable {
  case intel
  case amd
  case arm
}

/// One server and the NVLink domain that it is, or is part of.
public struct NodeProfile: Hashable, Sendable {
  /// GPUs that share a host.
  public let devices: Int
  public let processor: ProcessorKind
  /// Generation of the PCIe slots, for example 5.
  public let pcieGeneration: Int
  public let nvlink: NVLink
  /// Sending from GPU to GPU over NVLink.
  public let pointToPoint: PointToPoint

  public init(
    devices: Int, processor: ProcessorKind, pcieGeneration: Int, nvlink: NVLink,
    pointToPoint: PointToPoint
  ) {
    self.devices = devices
    self.processor = processor
    self.pcieGeneration = pcieGeneration
    self.nvlink = nvlink
    self.pointToPoint = pointToPoint
  }
}

/// The links between the GPUs of one domain.
public struct NVLink: Hashable, Sendable {
  /// GPUs that reach each other over NVLink: a node of 8, or a rack of 72.
  public let domainSize: Int
  /// Links of one GPU.
  public let links: Int
  /// One link in one direction, as NCCL counts it.
  public let linkBandwidth: Bandwidth
  /// Whether the domain has switches rather than direct wires.
  public let hasSwitch: Bool
  /// Whether switches reduce and multicast (NVLS).
  public let hasMulticast: Bool

  public init(
    domainSize: Int, links: Int, linkBandwidth: Bandwidth, hasSwitch: Bool, hasMulticast: Bool
  ) {
    self.domainSize = domainSize
    self.links = links
    self.linkBandwidth = linkBandwidth
    self.hasSwitch = hasSwitch
    self.hasMulticast = hasMulticast
  }

  /// All links of one GPU together, one direction.
  public var bandwidth: Bandwidth { Double(links) * linkBandwidth }
}

/// What sends between two GPUs reach over one kind of link.
public struct PointToPoint: Hashable, Sendable {
  /// From launch to arrival of a short message.
  public let latency: Seconds
  /// Added to messages above 128 KiB, where the protocol changes.
  public let longMessageLatency: Seconds
  /// One channel (one thread block that copies).
  public let channelBandwidth: Bandwidth
  /// All channels together.
  public let bandwidth: Bandwidth

  public init(
    latency: Seconds, longMessageLatency: Seconds, channelBandwidth: Bandwidth,
    bandwidth: Bandwidth
  ) {
    self.latency = latency
    self.longMessageLatency = longMessageLatency
    self.channelBandwidth = channelBandwidth
    self.bandwidth = bandwidth
  }
}

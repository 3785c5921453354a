public import Hardware
public import Units

/// What NCCL sees of a machine, and how far its predictions are from measurements there.
///
/// The model covers nodes whose GPUs meet in a switch (NVSwitch, or one PCIe root) and whose NICs
/// are spread evenly over them.
public struct CollectiveFabric: Hashable, Sendable {
  /// The GPU architecture, which picks the tuner's tables.
  public let generation: Architecture
  /// How GPUs of one domain reach each other.
  public let intraLink: IntraLink
  /// GPUs of one NVLink domain (a node of 8, a rack of 72), at least 1.
  public let domainSize: Int
  /// Whether the switch reduces and multicasts (NVLS): NVSwitch 3 and later.
  public let hasNVLS: Bool
  /// NICs of one domain, at least 1.
  public let nics: Int
  /// The speed of one NIC, one direction.
  public let nicBandwidth: Bandwidth
  /// The latency that NCCL adds per network hop.
  public let nicLatency: Seconds
  /// The maker of the host processor.
  public let cpu: ProcessorKind
  /// The release whose tuner chooses.
  public let version: NCCLVersion
  /// What is left to the library, and what the user or the network decides.
  public let options: CollectiveOptions
  /// Measured over modelled, for this family of machines.
  public let calibration: CollectiveCalibration

  /// - Parameter calibration: what was measured on this machine; by default what was measured on its
  ///   generation.
  /// - Precondition: a domain has at least one GPU and one NIC.
  public init(
    generation: Architecture, intraLink: IntraLink, domainSize: Int, hasNVLS: Bool, nics: Int,
    nicBandwidth: Bandwidth, nicLatency: Seconds = .zero, cpu: ProcessorKind = .intel,
    version: NCCLVersion = .latest, options: CollectiveOptions = CollectiveOptions(),
    calibration: CollectiveCalibration? = nil
  ) {
    precondition(domainSize >= 1 && nics >= 1, "a domain has at least one GPU and one NIC")
    self.generation = generation
    self.intraLink = intraLink
    self.domainSize = domainSize
    self.hasNVLS = hasNVLS
    self.nics = nics
    self.nicBandwidth = nicBandwidth
    self.nicLatency = nicLatency
    self.cpu = cpu
    self.version = version
    self.options = options
    self.calibration = calibration ?? generation.calibration
  }

  /// The same machine as another release sees it.
  func seen(by version: NCCLVersion) -> CollectiveFabric {
    version == self.version
      ? self
      : CollectiveFabric(
        generation: generation, intraLink: intraLink, domainSize: domainSize, hasNVLS: hasNVLS,
        nics: nics, nicBandwidth: nicBandwidth, nicLatency: nicLatency, cpu: cpu, version: version,
        options: options, calibration: calibration)
  }

  /// What NCCL takes for the total speed of one GPU inside the domain, in GB/s per direction.
  var intraTotal: Double {
    switch intraLink {
    case .nvLink(let links): Double(links) * generation.linkSpeed(in: version)
    case .pcie(let bandwidth): bandwidth.gigabytesPerSecond
    }
  }

  /// What one GPU can put on the network, in GB/s per direction.
  ///
  /// Placement assumption: rails. Every GPU owns its even share of the domain's NICs, because sibling
  /// groups run the same collective on the other GPUs at the same time; ports of one GPU count as one
  /// NIC, as NCCL fuses them.
  var rail: Double { nicBandwidth.gigabytesPerSecond * Double(nics) / Double(domainSize) }
}

/// Choices beside the library's own.
public struct CollectiveOptions: Hashable, Sendable {
  /// The algorithm that `NCCL_ALGO` asks for; nil leaves it to the tuner, and one that does not exist for
  /// an operation is ignored.
  public var algorithm: NCCLAlgorithm?
  /// Whether switches of the network reduce (SHARP), so that NVLS spans nodes.
  public var reducesInNetwork: Bool

  public init(algorithm: NCCLAlgorithm? = nil, reducesInNetwork: Bool = false) {
    self.algorithm = algorithm
    self.reducesInNetwork = reducesInNetwork
  }
}

/// How GPUs of one domain reach each other.
public enum IntraLink: Hashable, Sendable {
  /// NVLinks of one GPU, all into the switch.
  case nvLink(links: Int)
  /// The speed of one GPU's PCIe path to another, as NCCL counts it: 12, 24 or 48 GB/s for
  /// generation 3, 4 or 5, less where the host is narrower.
  case pcie(Bandwidth)
}

/// The algorithms of NCCL that need no plugin; their order is NCCL's and decides ties.
public enum NCCLAlgorithm: String, Hashable, Sendable, CaseIterable {
  case tree, ring, nvls, nvlsTree, pat

  /// Whether the algorithm exists in other protocols than Simple.
  var hasLowLatencyProtocols: Bool { self == .tree || self == .ring }
}

/// How NCCL signals arrival: with every 8 bytes, every 128 bytes, or a separate flag.
///
/// The raw value is the column of the tuner's tables.
public enum NCCLProtocol: Int, Hashable, Sendable, CaseIterable, CustomStringConvertible {
  case ll, ll128, simple

  public var description: String {
    switch self {
    case .ll: "LL"
    case .ll128: "LL128"
    case .simple: "Simple"
    }
  }
}

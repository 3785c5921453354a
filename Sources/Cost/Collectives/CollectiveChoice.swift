public import Units

/// One way to run a collective, with the time that NCCL's tuner expects of it.
///
/// The tuner's time ranks choices; it is not a promise (see `collectiveCost`).
public struct CollectiveChoice: Hashable, Sendable {
  /// The way the data takes.
  public let algorithm: NCCLAlgorithm
  /// How arrival is signalled.
  public let transferProtocol: NCCLProtocol
  /// Channels of the algorithm's graph.
  public let channels: Int
  /// The latency term of the tuner's time.
  public let tunerLatency: Seconds
  /// The tuner's algorithm bandwidth: message size over the rest of its time.
  public let tunerBandwidth: Bandwidth
  /// What NCCL compares.
  public let tunerTime: Seconds
}

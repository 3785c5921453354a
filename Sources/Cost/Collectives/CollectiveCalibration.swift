import Hardware
public import Units

/// What measurements say beyond NCCL's own constants, for one family of machines.
///
/// NCCL's constants rank algorithms; these factors turn them into times. All were fitted to many
/// nccl-tests rows of the family at once (`Architecture.calibration`); a profile may bring its own.
public struct CollectiveCalibration: Hashable, Sendable {
  /// Factors on the tuner's start-up, NVLink hop and network hop.
  public let base: Double
  public let intraHop: Double
  public let networkHop: Double
  /// The share of the Simple ring's bandwidth that is reached.
  public let ringShare: Double
  /// What filling a Simple ring's channels costs once the message is 64 MiB or more; in proportion
  /// below.
  public let ringFill: Seconds
  /// What handling a rank's own part costs in a gather or scatter by a Simple ring inside a domain, over
  /// handling a part that travels: the two compete for the same thread blocks, and among two ranks the
  /// own part is half of the data.
  public let ownPart: Double
  /// Corrections of reductions in the switch.
  public let nvls: NVLSCalibration
  /// Corrections of sends and receives.
  public let peers: PeerCalibration

  public init(
    base: Double, intraHop: Double, networkHop: Double, ringShare: Double, ringFill: Seconds,
    ownPart: Double, nvls: NVLSCalibration, peers: PeerCalibration
  ) {
    self.base = base
    self.intraHop = intraHop
    self.networkHop = networkHop
    self.ringShare = ringShare
    self.ringFill = ringFill
    self.ownPart = ownPart
    self.nvls = nvls
    self.peers = peers
  }

  var latencyScale: LatencyScale {
    LatencyScale(base: base, intra: intraHop, network: networkHop)
  }
}

/// Corrections of reductions in the switch.
public struct NVLSCalibration: Hashable, Sendable {
  /// The share of the modelled bandwidth that is reached in a domain of up to 8 members, and of 64
  /// and more; in between it follows the logarithm.
  public let share: Double
  public let rackShare: Double
  /// The share of the modelled bandwidth between nodes that is reached.
  public let networkShare: Double
  /// Loops over all channels that fill and drain the pipeline: inside a node, over a tree of nodes,
  /// and with domains of 64 members and more.
  public let fill: Double
  public let treeFill: Double
  public let rackFill: Double
  /// The share of bandwidth that chunks of 16, 32 and 64 KiB reach; 128 KiB and more reach all.
  public let smallChunkShares: [Double]

  public init(
    share: Double, rackShare: Double, networkShare: Double, fill: Double, treeFill: Double,
    rackFill: Double,
    smallChunkShares: [Double]
  ) {
    precondition(smallChunkShares.count == 3, "shares are for chunks of 16, 32 and 64 KiB")
    self.share = share
    self.rackShare = rackShare
    self.networkShare = networkShare
    self.fill = fill
    self.treeFill = treeFill
    self.rackFill = rackFill
    self.smallChunkShares = smallChunkShares
  }
}

/// Corrections of sends and receives, which NCCL's tuner does not time.
public struct PeerCalibration: Hashable, Sendable {
  /// The start-up of an all-to-all inside a domain, and its growth over messages of `rampBytes`.
  public let start: Seconds
  public let ramp: Seconds
  /// Bytes per peer over which the start-up grows.
  public let rampBytes: Bytes
  /// The share of the NVLink total that all peers together reach.
  public let linkShare: Double
  /// The start-up of one message to another GPU of the domain.
  public let messageStart: Seconds
  /// What one channel of a message carries on NVLink.
  public let channelBandwidth: Bandwidth

  public init(
    start: Seconds, ramp: Seconds, rampBytes: Bytes, linkShare: Double, messageStart: Seconds,
    channelBandwidth: Bandwidth
  ) {
    self.start = start
    self.ramp = ramp
    self.rampBytes = rampBytes
    self.linkShare = linkShare
    self.messageStart = messageStart
    self.channelBandwidth = channelBandwidth
  }
}

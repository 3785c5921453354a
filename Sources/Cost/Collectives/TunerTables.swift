/// The constants of NCCL's tuner for one release and GPU generation.
///
/// Times are microseconds, speeds GB/s. A vector over protocols is (LL, LL128, Simple); a vector
/// over nodes is (one, two, three or more). Values: NCCL `src/graph/tuning.cc`, read from the release
/// tags; `TunerTables+History.swift` builds them as a history of changes.
struct TunerTables {
  typealias PerProtocol = SIMD3<Double>
  typealias PerNodes = SIMD3<Double>

  /// A hop's time for the two algorithms that exist in every protocol.
  struct HopTimes {
    var tree: PerProtocol
    var ring: PerProtocol
  }

  /// The form of the NVLS bandwidth.
  enum NVLSForm {
    /// A fixed share of the channels' sum is the algorithm bandwidth.
    case share(Double)
    /// The share that the heads' traffic leaves, with caps, as a bus bandwidth.
    case heads
  }

  // Start-up.
  var baseTree: PerProtocol
  var baseRing: PerProtocol
  var basePAT = 8.0
  var baseNVLS: Double
  var baseNVLSTree: Double

  // Hops.
  var nvLink: HopTimes
  var pcie: HopTimes
  var network: HopTimes
  var nvLinkNVLS: Double
  var networkNVLSTree: Double
  var networkNVLS = 18.0
  var networkPAT = 14.0
  /// The factor on a multi-node Simple ring all-reduce that is more than latency-bound.
  var plateau: Double
  /// Whether the processor's network overhead bounds a ring's hop.
  var countsNetworkOverhead = false

  // Caps.
  /// LL over all channels inside one node.
  var llCapOneNode: Double
  /// LL over all channels on several nodes, by host processor.
  var llCapNetwork: PerNodes
  /// LL128 ring, per channel.
  var ringLL128Cap: PerNodes
  /// LL128 tree, per channel.
  var treeLL128Cap: PerNodes
  /// Tree, per channel.
  var treeCap: PerNodes
  /// NVLS tree, per channel.
  var nvlsTreeCap: PerNodes
  /// The sum over channels; infinite where the release has no cap.
  var busCap: Double

  // Shares.
  var nvlsForm: NVLSForm
  /// The share of a head's speed that NVLS reaches.
  var nvlsEfficiency: Double
  /// LL's share of the ring's bandwidth for all-reduce on several nodes, and otherwise.
  var ringLLShare: (reduceOverNetwork: Double, other: Double)
  var patShare = 0.75

  // What exists.
  var hasNVLS: Bool
  var hasNVLSGather = false
  var hasPAT = false
  var correctsNVLSTree = false

  /// The measured dents of tree bandwidth, by protocol and by message size from 64 B, doubling.
  static let treeCorrection: [[Double]] = [
    [
      1, 1, 1, 1, 0.9, 0.8, 0.7, 0.7, 0.7, 0.7, 0.6, 0.5, 0.4, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1,
      1, 1, 1,
    ],
    [
      1, 1, 1, 1, 1, 0.9, 0.8, 0.8, 0.8, 0.7, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.8, 0.9, 0.9, 0.9,
      0.9, 1, 1, 1,
    ],
    [
      0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.8, 0.7, 0.6, 0.6, 0.5, 0.5, 0.5, 0.5, 0.6, 0.7, 0.8, 0.7,
      0.7, 0.8, 0.9, 0.9, 0.9,
    ],
  ]
}

import Units

/// How many channels NCCL opens between two ranks that send to each other.
///
/// - SeeAlso: NCCL 2.29 `src/enqueue.cc`, `scheduleP2pTasksToPlan`, and `src/channel.cc`.
enum PeerChannels {
  /// Inside a domain: the communicator's 32 channels shared among its ranks, more where a channel
  /// would carry above 16 MiB. (Messages under 64 KiB per channel open fewer, within the start-up.)
  static func onLinks(part: Int, ranks: Int, fabric: CollectiveFabric) -> Int {
    let most =
      if case .nvLink(let links) = fabric.intraLink { 1 << min(5, floorLog2(2 * links)) } else { 2 }
    var channels = most
    while channels > 1, channels * ranks > 32 { channels /= 2 }
    while channels < most, part / channels > 16 << 20 { channels *= 2 }
    return channels
  }

  /// Between nodes: enough for the NIC at 14 GB/s each (from 2.29; two before), shared among groups
  /// of eight ranks.
  static func onNetwork(ranks: Int, fabric: CollectiveFabric) -> Int {
    guard fabric.version >= NCCLVersion(2, 29) else { return 2 }
    let wanted = Int((fabric.rail / 14).rounded(.up))
    var channels = wanted <= 1 ? 1 : 1 << (floorLog2(wanted - 1) + 1)
    while channels > 1, channels * ((ranks + 7) / 8) > 16 { channels /= 2 }
    return channels
  }
}

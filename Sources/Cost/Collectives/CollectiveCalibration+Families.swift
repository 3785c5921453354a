import Units

extension CollectiveCalibration {
  /// A100 with NVSwitch, fitted to 72 nccl-tests rows on one and two nodes (NCCL 2.18–2.29): 9 % mean,
  /// 6 % median.
  static let ampere = CollectiveCalibration(
    base: 1.34, intraHop: 1.75, networkHop: 1.51, ringShare: 0.972, ringFill: .microseconds(75),
    ownPart: 0.35, nvls: .none,
    peers: PeerCalibration(
      start: .microseconds(11.7), ramp: .microseconds(26.8), rampBytes: Bytes(275_000),
      linkShare: 0.809, messageStart: .microseconds(4),
      channelBandwidth: .gigabytesPerSecond(22)))

  /// H100, H200 and H800, fitted to 213 nccl-tests rows on one to eight nodes (NCCL 2.18–2.29): 8 %
  /// mean, 5 % median.
  ///
  /// No rack of this generation was measured; its figures are Blackwell's.
  static let hopper = CollectiveCalibration(
    base: 0.817, intraHop: 1.315, networkHop: 1.345, ringShare: 1, ringFill: .microseconds(36),
    ownPart: 0.35,
    nvls: NVLSCalibration(
      share: 0.982, rackShare: 0.85, networkShare: 0.961, fill: 0.88, treeFill: 0.8, rackFill: 2.64,
      smallChunkShares: [1, 0.903, 0.949]),
    peers: PeerCalibration(
      start: .microseconds(7.2), ramp: .microseconds(6.3), rampBytes: Bytes(22_700),
      linkShare: 0.793, messageStart: .microseconds(7),
      channelBandwidth: .gigabytesPerSecond(22)))

  /// B200, GB200 and GB300, fitted to 160 nccl-tests rows on nodes, racks, two nodes and two racks
  /// (NCCL 2.26–2.29): 8 % mean, 5 % median.
  static let blackwell = CollectiveCalibration(
    base: 1.2, intraHop: 2.31, networkHop: 2.05, ringShare: 0.985, ringFill: .microseconds(12),
    ownPart: 0.44,
    nvls: NVLSCalibration(
      share: 0.982, rackShare: 0.847, networkShare: 0.97, fill: 0.05, treeFill: 0.17,
      rackFill: 2.92, smallChunkShares: [0.96, 0.86, 0.92]),
    peers: PeerCalibration(
      start: .microseconds(10.9), ramp: .microseconds(8.9), rampBytes: Bytes(104_000),
      linkShare: 0.89, messageStart: .microseconds(9.5),
      channelBandwidth: .gigabytesPerSecond(20.3)))
}

extension NVLSCalibration {
  /// For machines without reductions in the switch.
  static let none = NVLSCalibration(
    share: 1, rackShare: 1, networkShare: 1, fill: 0, treeFill: 0, rackFill: 0,
    smallChunkShares: [1, 1, 1])
}

import Units

extension CollectiveCalibration {
  /// A100 with NVSwitch, fitted to nccl-tests on one and two nodes (NCCL 2.18–2.29).
  static let ampere = CollectiveCalibration(
    base: 1.28, intraHop: 1.65, networkHop: 1.34, ringShare: 0.976, ringFill: .microseconds(116),
    nvls: .none,
    peers: PeerCalibration(
      start: .microseconds(10.9), ramp: .microseconds(28.8), rampBytes: Bytes(298_000),
      linkShare: 197.0 / 240, messageStart: .microseconds(4),
      channelBandwidth: .gigabytesPerSecond(22)))

  /// H100, H200 and H800, fitted to nccl-tests on one to eight nodes (NCCL 2.18–2.29).
  ///
  /// No rack of this generation was measured; its figures are Blackwell's.
  static let hopper = CollectiveCalibration(
    base: 0.785, intraHop: 1.30, networkHop: 1.47, ringShare: 1, ringFill: .microseconds(69),
    nvls: NVLSCalibration(
      share: 0.98, rackShare: 0.85, networkShare: 0.97, fill: 1.07, treeFill: 0.91, rackFill: 2.64,
      smallChunkShares: [0.95, 0.87, 0.95]),
    peers: PeerCalibration(
      start: .microseconds(7.3), ramp: .microseconds(6.2), rampBytes: Bytes(21_800),
      linkShare: 291 / 370.8, messageStart: .microseconds(7),
      channelBandwidth: .gigabytesPerSecond(22)))

  /// B200, GB200 and GB300, fitted to nccl-tests on nodes, racks, two nodes and two racks (NCCL
  /// 2.26–2.29).
  static let blackwell = CollectiveCalibration(
    base: 1.23, intraHop: 2.25, networkHop: 2.15, ringShare: 0.951, ringFill: .microseconds(19),
    nvls: NVLSCalibration(
      share: 0.98, rackShare: 0.85, networkShare: 0.975, fill: 0, treeFill: 0.19, rackFill: 2.64,
      smallChunkShares: [0.94, 0.83, 0.91]),
    peers: PeerCalibration(
      start: .microseconds(10.8), ramp: .microseconds(9.0), rampBytes: Bytes(106_000),
      linkShare: 0.889, messageStart: .microseconds(9.5),
      channelBandwidth: .gigabytesPerSecond(20.5)))
}

extension NVLSCalibration {
  /// For machines without reductions in the switch.
  static let none = NVLSCalibration(
    share: 1, rackShare: 1, networkShare: 1, fill: 0, treeFill: 0, rackFill: 0,
    smallChunkShares: [1, 1, 1])
}

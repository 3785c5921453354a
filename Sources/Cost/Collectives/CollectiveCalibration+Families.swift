import Units

extension CollectiveCalibration {
  /// A100 with NVSwitch: nccl-tests on HGX A100 and two-node HDR clusters, NCCL 2.18–2.29.
  static let ampere = CollectiveCalibration(
    base: 1.28, intraHop: 1.65, networkHop: 1.34, ringShare: 0.976, ringFill: .microseconds(116),
    nvls: NVLSCalibration(
      share: 1, fill: 0.74, treeFill: 1.39, smallChunkShares: [0.79, 0.78, 0.94]),
    peers: PeerCalibration(
      start: .microseconds(10.9), ramp: .microseconds(28.8), rampBytes: Bytes(298_000),
      linkShare: 197.0 / 240, messageStart: .microseconds(4),
      channelBandwidth: .gigabytesPerSecond(21)))

  /// H100, H200 and H800: nccl-tests on HGX nodes and on two to eight nodes with NDR, NCCL 2.18–2.29.
  static let hopper = CollectiveCalibration(
    base: 0.785, intraHop: 1.30, networkHop: 1.47, ringShare: 1, ringFill: .microseconds(69),
    nvls: NVLSCalibration(
      share: 1, fill: 0.74, treeFill: 1.39, smallChunkShares: [0.79, 0.78, 0.94]),
    peers: PeerCalibration(
      start: .microseconds(7.3), ramp: .microseconds(6.2), rampBytes: Bytes(21_800),
      linkShare: 291 / 370.8, messageStart: .microseconds(7),
      channelBandwidth: .gigabytesPerSecond(22)))

  /// B200, GB200 and GB300: nccl-tests on HGX nodes, NVL72 racks and two nodes, NCCL 2.26–2.29.
  static let blackwell = CollectiveCalibration(
    base: 1.26, intraHop: 2.07, networkHop: 3.63, ringShare: 0.931, ringFill: .microseconds(11),
    nvls: NVLSCalibration(
      share: 0.958, fill: 0.05, treeFill: 2.26, smallChunkShares: [0.90, 0.67, 0.88]),
    peers: PeerCalibration(
      start: .microseconds(10.8), ramp: .microseconds(14.3), rampBytes: Bytes(488_000),
      linkShare: 583 / 721.8, messageStart: .microseconds(9.5),
      channelBandwidth: .gigabytesPerSecond(21)))
}

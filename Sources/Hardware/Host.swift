public import Units

/// The processor side of a rank: how fast it feeds its GPU, and what waits or runs on it.
public struct Host: Hashable, Sendable {
  /// Host time per framework operation that launches a kernel, outside CUDA graphs.
  public let launch: Seconds
  /// From the end of a kernel to the host knowing its result.
  public let synchronization: Seconds
  /// Launch and completion of one copy between host and device.
  public let copyLatency: Seconds
  /// What a long copy of pinned memory reaches in one direction, with all GPUs of the host copying.
  public let copyBandwidth: Bandwidth
  /// What an optimizer on the host reaches of the host's memory, per GPU.
  public let memoryShare: Bandwidth

  public init(
    launch: Seconds, synchronization: Seconds, copyLatency: Seconds, copyBandwidth: Bandwidth,
    memoryShare: Bandwidth
  ) {
    self.launch = launch
    self.synchronization = synchronization
    self.copyLatency = copyLatency
    self.copyBandwidth = copyBandwidth
    self.memoryShare = memoryShare
  }
}

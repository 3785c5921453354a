import Units

/// How a kernel runs, beyond its shape: within a step, or as benchmarks do.
public struct KernelConditions: Hashable, Sendable {
  /// Whether a benchmark repeats the kernel on the same operands, so that small ones wait in the L2
  /// cache. In a step they do not: other layers run in between.
  public var isRepeated: Bool
  /// Whether fp8 operands carry a scale per block of elements rather than one per tensor.
  public var isBlockScaled: Bool

  public init(isRepeated: Bool = false, isBlockScaled: Bool = false) {
    self.isRepeated = isRepeated
    self.isBlockScaled = isBlockScaled
  }

  /// As in a step: operands come from memory, and one scale is for a tensor.
  public static let step = KernelConditions()
}

/// The time to stream some bytes that may partly wait in the L2 cache.
///
///     t = bytes · ((1 − r)/BW + r/BW_L2),   r = min(1, L2 / (c · bytes))^e
///
/// `c` is how many times the bytes compete for the cache: benchmarks rotate copies.
func streamingTime(
  bytes: Double, memory: Bandwidth, cache: Bandwidth, capacity: Bytes, copies: Double,
  exponent: Double
) -> Seconds {
  let fit = min(1, Double(capacity.count) / (copies * max(bytes, 1)))
  let resident = power(fit, exponent)
  let fastest = max(memory, cache)
  return Seconds(
    bytes * ((1 - resident) / memory.bytesPerSecond + resident / fastest.bytesPerSecond))
}

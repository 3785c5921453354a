/// Data moved per time, in one direction.
public struct Bandwidth: Hashable, Comparable, Sendable {
  public let bytesPerSecond: Double

  @inlinable public init(bytesPerSecond: Double) { self.bytesPerSecond = bytesPerSecond }

  /// A rate in units of 10⁹ bytes per second.
  @inlinable public static func gigabytesPerSecond(_ value: Double) -> Bandwidth {
    Bandwidth(bytesPerSecond: value * 1e9)
  }

  @inlinable public var gigabytesPerSecond: Double { bytesPerSecond * 1e-9 }

  @inlinable public static func < (a: Bandwidth, b: Bandwidth) -> Bool {
    a.bytesPerSecond < b.bytesPerSecond
  }

  @inlinable public static func * (factor: Double, rate: Bandwidth) -> Bandwidth {
    Bandwidth(bytesPerSecond: factor * rate.bytesPerSecond)
  }
}

/// Floating-point work done per time.
public struct Throughput: Hashable, Comparable, Sendable {
  public let flopsPerSecond: Double

  @inlinable public init(flopsPerSecond: Double) { self.flopsPerSecond = flopsPerSecond }

  /// A rate in units of 10¹² floating-point operations per second.
  @inlinable public static func teraflopsPerSecond(_ value: Double) -> Throughput {
    Throughput(flopsPerSecond: value * 1e12)
  }

  @inlinable public var teraflopsPerSecond: Double { flopsPerSecond * 1e-12 }

  @inlinable public static func < (a: Throughput, b: Throughput) -> Bool {
    a.flopsPerSecond < b.flopsPerSecond
  }

  @inlinable public static func * (factor: Double, rate: Throughput) -> Throughput {
    Throughput(flopsPerSecond: factor * rate.flopsPerSecond)
  }

  /// A share of another rate, for example model FLOP/s over peak.
  @inlinable public static func / (a: Throughput, b: Throughput) -> Double {
    a.flopsPerSecond / b.flopsPerSecond
  }
}

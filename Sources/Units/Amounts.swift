/// An amount of data.
public struct Bytes: Hashable, Comparable, Sendable {
  public let count: Int

  @inlinable public init(_ count: Int) { self.count = count }

  public static let zero = Bytes(0)

  @inlinable public static func kibibytes(_ count: Int) -> Bytes { Bytes(count << 10) }
  @inlinable public static func mebibytes(_ count: Int) -> Bytes { Bytes(count << 20) }
  @inlinable public static func gibibytes(_ count: Int) -> Bytes { Bytes(count << 30) }

  @inlinable public static func < (a: Bytes, b: Bytes) -> Bool { a.count < b.count }
  @inlinable public static func + (a: Bytes, b: Bytes) -> Bytes { Bytes(a.count + b.count) }
  @inlinable public static func - (a: Bytes, b: Bytes) -> Bytes { Bytes(a.count - b.count) }
  @inlinable public static func * (n: Int, size: Bytes) -> Bytes { Bytes(n * size.count) }
  @inlinable public static func / (size: Bytes, parts: Int) -> Bytes { Bytes(size.count / parts) }
  @inlinable public static func += (a: inout Bytes, b: Bytes) { a = a + b }

  /// The time to move this much at a rate.
  @inlinable public static func / (size: Bytes, rate: Bandwidth) -> Seconds {
    Seconds(Double(size.count) / rate.bytesPerSecond)
  }
}

/// An amount of floating-point work; a fused multiply-add counts as two.
///
/// Whole numbers below 2⁵³ (9 PFLOP) are exact; larger ones keep sixteen digits.
public struct FLOPs: Hashable, Comparable, Sendable {
  public let count: Double

  @inlinable public init(_ count: Double) { self.count = count }
  @inlinable public init(_ count: Int) { self.count = Double(count) }

  public static let zero = FLOPs(0.0)

  @inlinable public static func < (a: FLOPs, b: FLOPs) -> Bool { a.count < b.count }
  @inlinable public static func + (a: FLOPs, b: FLOPs) -> FLOPs { FLOPs(a.count + b.count) }
  @inlinable public static func * (n: Double, work: FLOPs) -> FLOPs { FLOPs(n * work.count) }
  @inlinable public static func += (a: inout FLOPs, b: FLOPs) { a = a + b }

  /// The time to do this much at a rate.
  @inlinable public static func / (work: FLOPs, rate: Throughput) -> Seconds {
    Seconds(work.count / rate.flopsPerSecond)
  }

  /// The rate at which this much is done in a time.
  @inlinable public static func / (work: FLOPs, time: Seconds) -> Throughput {
    Throughput(flopsPerSecond: work.count / time.value)
  }
}

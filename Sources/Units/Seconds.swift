/// A span of time as a real number: what a cost formula yields.
///
/// The simulated clock uses `Ticks` and `Instant` instead; `Ticks(rounding:)` is the only bridge.
public struct Seconds: Hashable, Comparable, Sendable {
  /// The span in seconds.
  public let value: Double

  @inlinable public init(_ value: Double) { self.value = value }

  /// A span given in microseconds, the unit of kernel and collective tables.
  @inlinable public static func microseconds(_ value: Double) -> Seconds { Seconds(value * 1e-6) }

  @inlinable public static func milliseconds(_ value: Double) -> Seconds { Seconds(value * 1e-3) }

  @inlinable public var microseconds: Double { value * 1e6 }

  @inlinable public var milliseconds: Double { value * 1e3 }

  public static let zero = Seconds(0)

  @inlinable public static func < (a: Seconds, b: Seconds) -> Bool { a.value < b.value }

  @inlinable public static func + (a: Seconds, b: Seconds) -> Seconds { Seconds(a.value + b.value) }

  @inlinable public static func - (a: Seconds, b: Seconds) -> Seconds { Seconds(a.value - b.value) }

  @inlinable public static func * (factor: Double, span: Seconds) -> Seconds {
    Seconds(factor * span.value)
  }

  @inlinable public static func * (span: Seconds, factor: Double) -> Seconds {
    Seconds(factor * span.value)
  }

  @inlinable public static func / (span: Seconds, divisor: Double) -> Seconds {
    Seconds(span.value / divisor)
  }

  /// The ratio of two spans, without a unit.
  @inlinable public static func / (a: Seconds, b: Seconds) -> Double { a.value / b.value }

  @inlinable public static func += (a: inout Seconds, b: Seconds) { a = a + b }
}

/// A scheduled span in whole picoseconds.
///
/// Integer time gives exact ties, associative sums and byte-identical reports. 106 days fit.
public struct Ticks: Hashable, Comparable, Sendable {
  /// The span in picoseconds.
  public let picoseconds: Int64

  @inlinable public init(_ picoseconds: Int64) { self.picoseconds = picoseconds }

  /// The span nearest to a cost: the one place where real time becomes integer time.
  @inlinable public init(rounding span: Seconds) {
    precondition(
      span.value.isFinite && span.value >= 0 && span.value < 9e6,
      "a cost must be between 0 s and 104 days, got \(span.value) s")
    picoseconds = Int64((span.value * 1e12).rounded())
  }

  public static let zero = Ticks(0)

  @inlinable public var seconds: Seconds { Seconds(Double(picoseconds) * 1e-12) }

  @inlinable public static func < (a: Ticks, b: Ticks) -> Bool { a.picoseconds < b.picoseconds }

  @inlinable public static func + (a: Ticks, b: Ticks) -> Ticks {
    Ticks(a.picoseconds + b.picoseconds)
  }

  @inlinable public static func - (a: Ticks, b: Ticks) -> Ticks {
    Ticks(a.picoseconds - b.picoseconds)
  }

  @inlinable public static func += (a: inout Ticks, b: Ticks) { a = a + b }

  @inlinable public static func * (count: Int, span: Ticks) -> Ticks {
    Ticks(Int64(count) * span.picoseconds)
  }
}

/// A point on the simulated clock, in picoseconds since the start of the step.
public struct Instant: Hashable, Comparable, Sendable {
  /// Picoseconds since the start of the step.
  public let picoseconds: Int64

  @inlinable public init(_ picoseconds: Int64) { self.picoseconds = picoseconds }

  /// The start of the step.
  public static let zero = Instant(0)

  @inlinable public static func < (a: Instant, b: Instant) -> Bool { a.picoseconds < b.picoseconds }

  @inlinable public static func + (time: Instant, span: Ticks) -> Instant {
    Instant(time.picoseconds + span.picoseconds)
  }

  @inlinable public static func - (later: Instant, earlier: Instant) -> Ticks {
    Ticks(later.picoseconds - earlier.picoseconds)
  }

  /// The time since the start of the step.
  @inlinable public var elapsed: Ticks { Ticks(picoseconds) }
}

import Foundation

/// Fixed-point text that never depends on the locale.
public func fixed(_ value: Double, _ digits: Int) -> String {
  String(format: "%.\(digits)f", value)
}

/// A whole number with its thousands separated by commas.
public func grouped(_ value: Int) -> String {
  let digits = String(value.magnitude)
  var text = ""
  for (offset, digit) in digits.enumerated() {
    if offset > 0, (digits.count - offset) % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return value < 0 ? "-" + text : text
}

/// A number with three significant digits or so, scaled to the largest unit that keeps it above one.
private func scaled(_ value: Double, _ units: [(factor: Double, symbol: String)]) -> String {
  let unit = units.last { abs(value) >= $0.factor } ?? units[0]
  let amount = value / unit.factor
  let digits = abs(amount) >= 99.95 ? 0 : abs(amount) >= 9.995 ? 1 : 2
  return "\(fixed(amount, digits)) \(unit.symbol)"
}

extension Seconds: CustomStringConvertible {
  /// For example `3.97 ms`.
  public var description: String {
    scaled(value, [(1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms"), (1, "s")])
  }
}

extension Ticks: CustomStringConvertible {
  public var description: String { seconds.description }
}

extension Bytes: CustomStringConvertible {
  /// In binary units, for example `5.34 GiB`.
  public var description: String {
    // A single byte has no fraction to show.
    count.magnitude < 1024
      ? "\(count) B"
      : scaled(Double(count), [(1024, "KiB"), (1_048_576, "MiB"), (1_073_741_824, "GiB")])
  }
}

extension Bandwidth: CustomStringConvertible {
  public var description: String {
    scaled(bytesPerSecond, [(1, "B/s"), (1e6, "MB/s"), (1e9, "GB/s"), (1e12, "TB/s")])
  }
}

extension Throughput: CustomStringConvertible {
  public var description: String {
    scaled(flopsPerSecond, [(1e9, "GFLOP/s"), (1e12, "TFLOP/s"), (1e15, "PFLOP/s")])
  }
}

extension FLOPs: CustomStringConvertible {
  public var description: String {
    scaled(count, [(1, "FLOP"), (1e9, "GFLOP"), (1e12, "TFLOP"), (1e15, "PFLOP"), (1e18, "EFLOP")])
  }
}

/// Bytes on their way to a sink, which takes them a megabyte at a time.
struct ChunkedOutput {
  private static let chunk = 1 << 20

  private var buffer: [UInt8] = []
  private var flushed = 0
  private let sink: ByteSink

  init(_ sink: @escaping ByteSink) {
    self.sink = sink
    buffer.reserveCapacity(Self.chunk + Self.chunk / 4)
  }

  /// All bytes so far.
  var count: Int { flushed + buffer.count }

  mutating func append(_ bytes: [UInt8]) { buffer.append(contentsOf: bytes) }

  mutating func append(_ bytes: ArraySlice<UInt8>) { buffer.append(contentsOf: bytes) }

  /// - Precondition: the number is not negative.
  mutating func append(decimal number: Int) {
    precondition(number >= 0, "indices and ranks are not negative, got \(number)")
    var divisor = 1
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      buffer.append(UInt8(truncatingIfNeeded: 48 + number / divisor % 10))
      divisor /= 10
    }
  }

  mutating func flushIfFull() throws {
    if buffer.count >= Self.chunk { try flush() }
  }

  mutating func flush() throws {
    flushed += buffer.count
    try buffer.withUnsafeBytes { try sink($0) }
    buffer.removeAll(keepingCapacity: true)
  }
}

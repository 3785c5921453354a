/// A short name for a result, so that a faster benchmark can be seen to compute the same thing.
///
/// FNV-1a over 64-bit words instead of bytes.
public struct Checksum: Equatable, Sendable, CustomStringConvertible {
  private var state: UInt64 = 0xcbf2_9ce4_8422_2325

  /// The name of nothing.
  public init() {}

  mutating func add(_ value: Int) {
    state = (state ^ UInt64(truncatingIfNeeded: value)) &* 0x100_0000_01b3
  }

  public var description: String {
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

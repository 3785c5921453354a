/// Random bits as a function of where they are used, so that neither the order of drawing nor the number
/// of threads matters: the outputs of SplitMix64, addressed directly.
///
/// - SeeAlso: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
@usableFromInline struct CounterHash {
  /// The odd number nearest to 2⁶⁴ over the golden ratio.
  @usableFromInline static let step: UInt64 = 0x9e37_79b9_7f4a_7c15

  /// The output of the stream that starts at `key`, at a position.
  @inlinable
  @inline(__always)
  static func bits(_ key: UInt64, at position: Int) -> UInt64 {
    var mixed = key &+ (UInt64(truncatingIfNeeded: position) &+ 1) &* step
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A number above 0 and below 1, in steps of 2⁻⁵³.
  static func uniform(_ key: UInt64, at position: Int) -> Double {
    (Double(bits(key, at: position) >> 11) + 0.5) * 0x1p-53
  }
}

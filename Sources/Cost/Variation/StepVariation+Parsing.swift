extension SlowPart {
  /// Reads `rank=17:1.2` or `node=3:1.1`.
  ///
  /// - Throws: `VariationError` for another form or a factor outside 0.01...1,000.
  public init(parsing text: String) throws(VariationError) {
    let (key, number, value) = try cut(text, of: .slow)
    let place: Place? =
      switch key {
      case "rank": .rank(number)
      case "node": .node(number)
      default: nil
      }
    guard let place else { throw .malformed(text, .slow) }
    guard (0.01...1000).contains(value) else { throw .factorOutOfRange(text, value) }
    self.init(place, factor: value)
  }
}

extension DegradedRail {
  /// Reads `rail=2:0.5`.
  ///
  /// - Throws: `VariationError` for another form or a share outside 0.001...1.
  public init(parsing text: String) throws(VariationError) {
    let (key, number, value) = try cut(text, of: .degrade)
    guard key == "rail" else { throw .malformed(text, .degrade) }
    guard (0.001...1).contains(value) else { throw .shareOutOfRange(text, value) }
    self.init(rail: number, share: value)
  }
}

extension Jitter {
  /// Reads `kernel=0.05,rank=0.02`, or one of the two.
  ///
  /// - Throws: `VariationError` for another form, a part given twice, or a deviation outside 0...1.
  public init(parsing text: String, seed: UInt64) throws(VariationError) {
    var kernel: Double?
    var rank: Double?
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      .map { $0.split(separator: "=", omittingEmptySubsequences: false) }
    for sides in parts {
      guard sides.count == 2, let value = Double(sides[1]) else { throw .malformed(text, .jitter) }
      switch sides[0] {
      case "kernel" where kernel == nil: kernel = value
      case "rank" where rank == nil: rank = value
      default: throw .malformed(text, .jitter)
      }
    }
    for value in [kernel, rank].compactMap({ $0 }) where !(0...1).contains(value) {
      throw .deviationOutOfRange(text, value)
    }
    self.init(kernel: kernel ?? 0, rank: rank ?? 0, seed: seed)
  }
}

/// Cuts `key=number:value`.
private func cut(
  _ text: String, of form: VariationForm
) throws(VariationError) -> (key: Substring, number: Int, value: Double) {
  let sides = text.split(separator: "=", omittingEmptySubsequences: false)
  guard sides.count == 2 else { throw .malformed(text, form) }
  let parts = sides[1].split(separator: ":", omittingEmptySubsequences: false)
  guard parts.count == 2, let number = Int(parts[0]), number >= 0, let value = Double(parts[1])
  else { throw .malformed(text, form) }
  return (sides[0], number, value)
}

/// A kind of quantity that text states with a unit, such as `"3.35 TB/s"`.
///
/// `GB` is 10⁹ and `GiB` 2³⁰ bytes; bits exist only here, where `Gb/s` becomes bytes per second.
public protocol Quantity {
  /// The symbols understood, with the factor to the base unit.
  static var units: [(symbol: String, factor: Double)] { get }
  /// A well-formed text, for messages.
  static var example: String { get }
  /// The largest amount in the base unit that a value can hold.
  static var largest: Double { get }
  /// Makes a value from an amount in the base unit.
  init(baseAmount: Double)
}

extension Quantity {
  public static var largest: Double { .greatestFiniteMagnitude }

  /// Reads a number followed by a unit; thousands may be separated by commas.
  ///
  /// - Throws: `QuantityError` when the number or the unit is missing, the unit measures something
  ///   else, or the amount is negative or too large to hold.
  public init(parsing text: String) throws(QuantityError) {
    let trimmed = text.drop(while: \.isWhitespace)
    let numberEnd =
      trimmed.firstIndex {
        !($0.isNumber || "+-.,".contains($0)) && !Self.isExponent($0, in: trimmed)
      }
      ?? trimmed.endIndex
    guard let digits = withoutSeparators(trimmed[..<numberEnd]), let amount = Double(digits),
      amount.isFinite
    else {
      throw .notANumber(text: text, example: Self.example)
    }
    guard amount >= 0 else { throw .negative(text: text) }
    var unit = trimmed[numberEnd...].drop(while: \.isWhitespace)
    while unit.last?.isWhitespace == true { unit.removeLast() }
    guard !unit.isEmpty else { throw .missingUnit(text: text, example: Self.example) }
    let symbol = String(unit).replacing("µ", with: "u").replacing("μ", with: "u")
    guard let known = Self.units.first(where: { $0.symbol == symbol }) else {
      throw .unknownUnit(text: text, unit: String(unit), known: Self.units.map(\.symbol))
    }
    guard amount * known.factor <= Self.largest else { throw .tooLarge(text: text) }
    self.init(baseAmount: amount * known.factor)
  }

  /// Whether a letter belongs to a number such as `1e9`.
  private static func isExponent(_ character: Character, in text: Substring) -> Bool {
    guard character == "e" || character == "E", let at = text.firstIndex(of: character) else {
      return false
    }
    let next = text.index(after: at)
    return next < text.endIndex && (text[next].isNumber || "+-".contains(text[next]))
  }
}

/// The number without commas between its thousands; nil where a comma stands anywhere else, since
/// `1,5` means one and a half to half the world.
private func withoutSeparators(_ number: Substring) -> String? {
  guard number.contains(",") else { return String(number) }
  let whole = number.prefix { !".eE".contains($0) }
  guard !number[whole.endIndex...].contains(",") else { return nil }
  let groups = whole.split(separator: ",", omittingEmptySubsequences: false)
  let first = groups[0].drop { "+-".contains($0) }
  guard (1...3).contains(first.count), groups.dropFirst().allSatisfy({ $0.count == 3 }) else {
    return nil
  }
  return number.filter { $0 != "," }
}

extension Bytes: Quantity {
  public static var units: [(symbol: String, factor: Double)] {
    [
      ("B", 1), ("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12),
      ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776),
    ]
  }
  public static var example: String { "80 GiB" }
  public static var largest: Double { 4_611_686_018_427_387_904 }
  public init(baseAmount: Double) { self.init(Int(baseAmount.rounded())) }
}

extension Bandwidth: Quantity {
  public static var units: [(symbol: String, factor: Double)] {
    [
      ("B/s", 1), ("kB/s", 1e3), ("KB/s", 1e3), ("MB/s", 1e6), ("GB/s", 1e9), ("TB/s", 1e12),
      ("KiB/s", 1024), ("MiB/s", 1_048_576), ("GiB/s", 1_073_741_824),
      ("TiB/s", 1_099_511_627_776), ("Mb/s", 1.25e5), ("Gb/s", 1.25e8), ("Tb/s", 1.25e11),
      ("Mbps", 1.25e5), ("Gbps", 1.25e8), ("Tbps", 1.25e11),
    ]
  }
  public static var example: String { "3.35 TB/s" }
  public init(baseAmount: Double) { self.init(bytesPerSecond: baseAmount) }
}

extension Throughput: Quantity {
  public static var units: [(symbol: String, factor: Double)] {
    [
      ("FLOP/s", 1), ("MFLOP/s", 1e6), ("GFLOP/s", 1e9), ("TFLOP/s", 1e12), ("PFLOP/s", 1e15),
      ("EFLOP/s", 1e18),
    ]
  }
  public static var example: String { "989.5 TFLOP/s" }
  public init(baseAmount: Double) { self.init(flopsPerSecond: baseAmount) }
}

extension Seconds: Quantity {
  public static var units: [(symbol: String, factor: Double)] {
    [("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3), ("s", 1)]
  }
  public static var example: String { "2.5 us" }
  public init(baseAmount: Double) { self.init(baseAmount) }
}

/// A kind of quantity that text states with a unit, such as `"3.35 TB/s"`.
///
/// `GB` is 10⁹ and `GiB` 2³⁰ bytes; bits exist only here, where `Gb/s` becomes bytes per second.
public protocol Quantity {
  /// The symbols understood, with the factor to the base unit.
  static var units: [(symbol: String, factor: Double)] { get }
  /// A well-formed text, for messages.
  static var example: String { get }
  /// Makes a value from an amount in the base unit.
  init(baseAmount: Double)
}

extension Quantity {
  /// Reads a number followed by a unit; thousands may be separated by commas.
  ///
  /// - Throws: `QuantityError` when the number or the unit is missing, the unit measures something
  ///   else, or the amount is negative.
  public init(parsing text: String) throws(QuantityError) {
    let trimmed = text.drop(while: \.isWhitespace)
    let numberEnd =
      trimmed.firstIndex {
        !($0.isNumber || "+-.,".contains($0)) && !Self.isExponent($0, in: trimmed)
      }
      ?? trimmed.endIndex
    let digits = trimmed[..<numberEnd].filter { $0 != "," }
    guard let amount = Double(digits), amount.isFinite else {
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

extension Bytes: Quantity {
  public static var units: [(symbol: String, factor: Double)] {
    [
      ("B", 1), ("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12),
      ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776),
    ]
  }
  public static var example: String { "80 GiB" }
  public init(baseAmount: Double) { self.init(Int(baseAmount.rounded())) }
}

extension Bandwidth: Quantity {
  public static var units: [(symbol: String, factor: Double)] {
    [
      ("B/s", 1), ("kB/s", 1e3), ("MB/s", 1e6), ("GB/s", 1e9), ("TB/s", 1e12),
      ("MiB/s", 1_048_576), ("GiB/s", 1_073_741_824), ("Gb/s", 1.25e8), ("Tb/s", 1.25e11),
    ]
  }
  public static var example: String { "3.35 TB/s" }
  public init(baseAmount: Double) { self.init(bytesPerSecond: baseAmount) }
}

extension Throughput: Quantity {
  public static var units: [(symbol: String, factor: Double)] {
    [("GFLOP/s", 1e9), ("TFLOP/s", 1e12), ("PFLOP/s", 1e15)]
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

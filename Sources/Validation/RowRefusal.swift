import Units

/// Why a row of measurements has no price.
public enum RowRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// A cell that the price depends on is empty.
  case missing(column: String)
  /// A cell is not what its column holds.
  case unreadable(column: String, text: String, expected: String)
  /// A GPU without a profile.
  case unknownHardware(String, suggestion: String?)
  /// A word that names nothing known, in a column of names.
  case unknownWord(column: String, text: String, known: [String])
  /// A number format that the GPU cannot multiply.
  case unsupportedFormat(device: String, format: String)
  /// What the model leaves out on purpose.
  case notModelled(String)

  public var description: String {
    switch self {
    case .missing(let column): "\(column): the cell is empty and has no default"
    case .unreadable(let column, let text, let expected):
      "\(column): \"\(text)\" is not \(expected)"
    case .unknownHardware(let name, let suggestion):
      "gpu: no profile of \"\(name)\"" + (suggestion.map { "; did you mean \"\($0)\"?" } ?? "")
    case .unknownWord(let column, let text, let known):
      "\(column): unknown \"\(text)\"; known are \(known.joined(separator: ", "))"
    case .unsupportedFormat(let device, let format):
      "dtype: \(device) has no \(format) tensor cores"
    case .notModelled(let what): "\(what): not modelled"
    }
  }
}

extension CSVRow {
  /// A number of at least zero; nil where the cell is empty.
  func number(_ column: String) throws(RowRefusal) -> Double? {
    let text = self[column]
    guard !text.isEmpty else { return nil }
    guard let value = Double(text), value.isFinite, value >= 0 else {
      throw .unreadable(column: column, text: text, expected: "a number of zero or more")
    }
    return value
  }

  /// A whole number of at least one; nil where the cell is empty.
  func count(_ column: String) throws(RowRefusal) -> Int? {
    guard let value = try number(column) else { return nil }
    guard value >= 1, value <= 1e15, let count = Int(exactly: value.rounded()) else {
      throw .unreadable(
        column: column, text: self[column], expected: "a whole number of at least 1")
    }
    return count
  }

  /// A count that must be there.
  func needed(_ column: String) throws(RowRefusal) -> Int {
    guard let count = try count(column) else { throw .missing(column: column) }
    return count
  }

  /// The whole number behind a key in a cell of remarks, such as `qk_dim=192`.
  func remark(_ key: String) -> Int? {
    let text = self["notes"]
    guard let range = text.range(of: key + "=") else { return nil }
    let digits = text[range.upperBound...].prefix { $0.isNumber }
    let next = text[range.upperBound...].dropFirst(digits.count).first
    return next == "*" ? nil : Int(digits)
  }
}

extension StringProtocol {
  /// The place of a text in this one; a plain scan, as cells are short.
  func range(of wanted: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(wanted) {
        return start..<index(start, offsetBy: wanted.count)
      }
      start = index(after: start)
    }
    return nil
  }
}

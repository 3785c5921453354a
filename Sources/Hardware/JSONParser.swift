/// Reads JSON so strictly that a message can say exactly what is wrong and where.
///
/// Foundation's parser keeps one of two equal keys and does not say which it dropped; a profile in
/// which a number is stated twice must be refused.
struct JSONParser {
  private let file: String
  private let bytes: [UInt8]
  private var position = 0
  private var path: [String] = []

  /// Deeper nesting than any profile has, and shallow enough for every stack.
  private static let deepest = 64

  private init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
  }

  /// The value that a file holds.
  ///
  /// - Throws: `.malformed` with line and column, or `.duplicateKey` with the path of the field.
  static func parse(_ bytes: [UInt8], file: String) throws(ProfileError) -> JSONValue {
    var parser = JSONParser(file: file, bytes: bytes)
    let value = try parser.value()
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.malformed("the end of the file") }
    return value
  }

  private mutating func value() throws(ProfileError) -> JSONValue {
    guard path.count <= Self.deepest else {
      throw malformed("at most \(Self.deepest) levels of nesting")
    }
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func object() throws(ProfileError) -> JSONValue {
    position += 1
    var members: [JSONValue.Member] = []
    var seen: Set<String> = []
    skipSpace()
    if take("}") { return .object([]) }
    repeat {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw malformed("a key in quotes") }
      let key = try string()
      path.append(key)
      guard seen.insert(key).inserted else {
        throw .duplicateKey(file: file, path: path.joined(separator: "."))
      }
      skipSpace()
      guard take(":") else { throw malformed("\":\"") }
      members.append(.init(key: key, value: try value()))
      path.removeLast()
      skipSpace()
    } while take(",")
    guard take("}") else { throw malformed("\",\" or \"}\"") }
    return .object(members)
  }

  private mutating func array() throws(ProfileError) -> JSONValue {
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take("]") { return .array([]) }
    repeat {
      path.append(String(elements.count))
      elements.append(try value())
      path.removeLast()
      skipSpace()
    } while take(",")
    guard take("]") else { throw malformed("\",\" or \"]\"") }
    return .array(elements)
  }

  private mutating func number() throws(ProfileError) -> JSONValue {
    let start = position
    while let byte = peek, Self.numberBytes.contains(byte) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let amount = Double(text), amount.isFinite else {
      position = start
      throw malformed("a value")
    }
    return .number(amount, text: text)
  }

  private static let numberBytes = Array("+-.0123456789eE".utf8)

  private mutating func string() throws(ProfileError) -> String {
    position += 1
    var text: [UInt8] = []
    while let byte = peek, byte != UInt8(ascii: "\""), byte >= 0x20 {
      position += 1
      if byte == UInt8(ascii: "\\") {
        text.append(contentsOf: String(try escape()).utf8)
      } else {
        text.append(byte)
      }
    }
    guard take("\"") else { throw malformed("a closing quote") }
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func escape() throws(ProfileError) -> Unicode.Scalar {
    let letter = peek
    position += 1
    switch letter {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "u"):
      let digits = String(decoding: bytes[position..<min(position + 4, bytes.count)], as: UTF8.self)
      guard digits.count == 4, let code = UInt32(digits, radix: 16),
        let scalar = Unicode.Scalar(code)
      else { throw malformed("four hexadecimal digits of a character") }
      position += 4
      return scalar
    default:
      position -= 1
      throw malformed("one of \\\" \\\\ \\/ \\n \\t \\r \\u")
    }
  }

  private mutating func word(_ text: String, _ value: JSONValue) throws(ProfileError) -> JSONValue {
    guard bytes[position...].starts(with: text.utf8) else { throw malformed(text) }
    position += text.utf8.count
    return value
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ symbol: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: symbol) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, [0x20, 0x0A, 0x0D, 0x09].contains(byte) { position += 1 }
  }

  private func malformed(_ expected: String) -> ProfileError {
    let before = bytes[..<min(position, bytes.count)]
    let line = before.reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let found = peek.map { "\"\(Unicode.Scalar($0))\"" } ?? "the end of the file"
    return .malformed(
      file: file, line: line, column: before.count - lineStart + 1, found: found,
      expected: expected)
  }
}

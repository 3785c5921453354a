/// Any JSON value, kept as written until a field asks for a type.
enum JSONValue: Decodable, Hashable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    // Most fields are numbers, and every wrong guess costs an error.
    if container.decodeNil() {
      self = .null
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .string(text)
    } else if let flag = try? container.decode(Bool.self) {
      self = .bool(flag)
    } else if let values = try? container.decode([JSONValue].self) {
      self = .array(values)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// The whole number it is, if it is one.
  var integer: Int? {
    guard case .number(let value) = self else { return nil }
    return Int(exactly: value)
  }

  /// What a message shows: short, on one line, with its type visible.
  var quoted: String {
    switch self {
    case .null: "null"
    case .bool(let flag): String(flag)
    case .number(let value): Int(exactly: value).map(String.init) ?? String(value)
    case .string(let text): "\"\(oneLine(text, atMost: 60))\""
    case .array(let values): "a list of \(values.count)"
    case .object: "an object"
    }
  }
}

/// A text without line breaks or other control characters, shortened to a length.
func oneLine(_ text: String, atMost length: Int) -> String {
  let visible = text.unicodeScalars.map {
    $0.properties.generalCategory == .control ? " " : String($0)
  }.joined()
  return visible.count > length ? visible.prefix(length - 1) + "…" : visible
}

/// One JSON value, with the members of objects in the order of the file.
enum JSONValue: Hashable, Sendable {
  case object([Member])
  case array([JSONValue])
  case string(String)
  /// The number, and how the file writes it.
  case number(Double, text: String)
  case boolean(Bool)
  case null

  /// One key of an object and its value.
  struct Member: Hashable, Sendable {
    let key: String
    let value: JSONValue
  }

  /// What messages call a value of this kind.
  var kind: String {
    switch self {
    case .object: "an object"
    case .array: "an array"
    case .string(let text): "the text \"\(text)\""
    case .number(_, let text): "the number \(text)"
    case .boolean(let flag): "\(flag)"
    case .null: "null"
    }
  }
}

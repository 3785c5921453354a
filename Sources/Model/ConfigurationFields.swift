/// The fields of one `config.json`, read by name with types and ranges checked.
///
/// A field that is `null` counts as absent, as it does in Hugging Face's own classes. Where a field goes
/// by several names, any of them is read, and two that disagree are refused.
struct ConfigurationFields: Sendable {
  /// The file, for messages.
  let file: String
  /// What precedes a field's name in messages: empty, or `text_config.`.
  let prefix: String
  let values: [String: JSONValue]

  /// A whole number that must be there.
  func integer(_ names: String..., in range: ClosedRange<Int>) throws(ModelError) -> Int {
    if let value = try integer(names, in: range) { return value }
    let others = names.dropFirst().joined(separator: " or ")
    throw .missingField(
      file: file, field: prefix + (names.first ?? ""),
      expected: "a whole number" + (others.isEmpty ? "" : " (\(others) is read as well)"))
  }

  /// A whole number that may be absent.
  func optionalInteger(_ names: String..., in range: ClosedRange<Int>) throws(ModelError) -> Int? {
    try integer(names, in: range)
  }

  private func integer(_ names: [String], in range: ClosedRange<Int>) throws(ModelError) -> Int? {
    var found: (name: String, value: Int)?
    for name in names {
      guard let raw = value(name) else { continue }
      guard case .number = raw else { throw wrongType(name, raw, "a whole number") }
      // A fraction and a number beyond Int are not whole numbers within the range either.
      guard let number = raw.integer, range.contains(number) else {
        throw .outOfRange(
          file: file, field: prefix + name, found: raw.quoted,
          expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
      }
      if let earlier = found, earlier.value != number {
        throw contradiction(
          name, found: "\(number) while \(earlier.name) is \(earlier.value)",
          expected: "one value for both")
      }
      found = (name, number)
    }
    return found?.value
  }

  /// A flag, or its value where absent.
  func flag(_ name: String, default absent: Bool) throws(ModelError) -> Bool {
    guard let raw = value(name) else { return absent }
    guard case .bool(let flag) = raw else { throw wrongType(name, raw, "true or false") }
    return flag
  }

  /// A real number, where present.
  func number(_ name: String) throws(ModelError) -> Double? {
    guard let raw = value(name) else { return nil }
    guard case .number(let number) = raw else { throw wrongType(name, raw, "a number") }
    return number
  }

  /// A text, where present.
  func text(_ name: String) throws(ModelError) -> String? {
    guard let raw = value(name) else { return nil }
    guard case .string(let text) = raw else { throw wrongType(name, raw, "a text") }
    return text
  }

  /// A list, where present.
  func list(_ name: String) throws(ModelError) -> [JSONValue]? {
    guard let raw = value(name) else { return nil }
    guard case .array(let values) = raw else { throw wrongType(name, raw, "a list") }
    return values
  }

  /// The fields of an object inside this one, where present.
  func object(_ name: String) throws(ModelError) -> ConfigurationFields? {
    guard let raw = value(name) else { return nil }
    guard case .object(let inner) = raw else { throw wrongType(name, raw, "an object") }
    return ConfigurationFields(file: file, prefix: "\(prefix)\(name).", values: inner)
  }

  private func value(_ name: String) -> JSONValue? {
    guard let raw = values[name], raw != .null else { return nil }
    return raw
  }

  func wrongType(_ name: String, _ found: JSONValue, _ expected: String) -> ModelError {
    .wrongType(file: file, field: prefix + name, found: found.quoted, expected: expected)
  }

  func contradiction(_ name: String, found: String, expected: String) -> ModelError {
    .contradiction(file: file, field: prefix + name, found: found, expected: expected)
  }

  func unsupported(_ name: String, _ found: JSONValue, expected: String) -> ModelError {
    .unsupported(file: file, field: prefix + name, found: found.quoted, expected: expected)
  }
}

import Units

/// One object of a profile: hands out checked values and refuses with the path of the field.
///
/// Every key must be expected and every expected key must be there, so a misspelt optional number
/// cannot silently fall back to a default.
struct ProfileReader {
  let file: String
  /// Path of this object; empty for the whole file.
  let path: String
  /// Keys and texts of the file's table of sources.
  let sources: [String]
  private let members: [JSONValue.Member]

  /// Opens an object.
  ///
  /// - Throws: `.wrongType` when the value is not an object, `.unknownKey` for the first key that is
  ///   not among `keys`.
  init(
    _ value: JSONValue, file: String, path: String, keys: [String], sources: [String]
  ) throws(ProfileError) {
    self.file = file
    self.path = path
    self.sources = sources
    guard case .object(let members) = value else {
      throw .wrongType(
        file: file, path: path.isEmpty ? "the file" : path, found: value.kind,
        expected: "an object")
    }
    self.members = members
    for member in members where !keys.contains(member.key) {
      throw .unknownKey(
        file: file, path: at(member.key), suggestion: nearestSpelling(to: member.key, among: keys),
        known: keys)
    }
  }

  /// The path of a field of this object.
  func at(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The keys of this object, in file order.
  var keys: [String] { members.map(\.key) }

  func has(_ key: String) -> Bool { members.contains { $0.key == key } }

  /// The value of a key that must be there.
  func value(_ key: String) throws(ProfileError) -> JSONValue {
    guard let member = members.first(where: { $0.key == key }) else {
      throw .missingKey(file: file, path: at(key))
    }
    return member.value
  }

  /// A nested object.
  func section(_ key: String, keys: [String]) throws(ProfileError) -> ProfileReader {
    try ProfileReader(
      try value(key), file: file, path: at(key), keys: keys, sources: sources)
  }

  /// Plain text that is not empty.
  func text(_ key: String) throws(ProfileError) -> String {
    guard case .string(let text) = try value(key), !text.isEmpty else {
      throw .wrongType(file: file, path: at(key), found: try value(key).kind, expected: "text")
    }
    return text
  }

  /// True or false.
  func flag(_ key: String) throws(ProfileError) -> Bool {
    guard case .boolean(let flag) = try value(key) else {
      throw .wrongType(
        file: file, path: at(key), found: try value(key).kind, expected: "true or false")
    }
    return flag
  }

  /// One of the words of an enumeration.
  func word<Word>(_ key: String, as type: Word.Type) throws(ProfileError) -> Word
  where Word: RawRepresentable & CaseIterable, Word.RawValue == String {
    let text = try text(key)
    guard let word = Word(rawValue: text) else {
      let known = Word.allCases.map(\.rawValue)
      throw .unknownWord(
        file: file, path: at(key), found: text, suggestion: nearestSpelling(to: text, among: known),
        known: known)
    }
    return word
  }
}

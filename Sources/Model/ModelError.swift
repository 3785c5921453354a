import Units

/// Why a model description is refused.
public enum ModelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A file that cannot be opened or read.
  case unreadable(file: String, reason: String)
  /// A file that is not one JSON object.
  case invalidJSON(file: String, reason: String)
  /// A field that the architecture needs and the file lacks.
  case missingField(file: String, field: String, expected: String)
  /// A field that holds another type of value.
  case wrongType(file: String, field: String, found: String, expected: String)
  /// A number outside the range that makes sense.
  case outOfRange(file: String, field: String, found: String, expected: String)
  /// A field that contradicts another one.
  case contradiction(file: String, field: String, found: String, expected: String)
  /// A value that is legal elsewhere and not understood here.
  case unsupported(file: String, field: String, found: String, expected: String)
  /// An architecture family that is not known.
  case unknownFamily(
    file: String, field: String, found: String, nearest: String?, known: [String])
  /// Sizes that are plausible one by one and absurd together.
  case tooManyParameters(file: String, estimate: Double, limit: Double)
  /// A name that is neither a preset nor a file.
  case unknownModel(name: String, nearest: String?, known: [String])

  public var description: String {
    switch self {
    case .unreadable(let file, let reason):
      "\(file): \(reason); give the path of a config.json or of the folder that holds it"
    case .invalidJSON(let file, let reason):
      "\(file): not a JSON object: \(reason); download the model's config.json again"
    case .missingField(let file, let field, let expected):
      "\(file): \(field) is missing; add \(expected)"
    case .wrongType(let file, let field, let found, let expected):
      "\(file): \(field) is \(found), expected \(expected)"
    case .outOfRange(let file, let field, let found, let expected):
      "\(file): \(field) is \(found), expected \(expected)"
    case .contradiction(let file, let field, let found, let expected):
      "\(file): \(field) is \(found); expected \(expected)"
    case .unsupported(let file, let field, let found, let expected):
      "\(file): \(field) is \(found), which is not supported; expected \(expected)"
    case .unknownFamily(let file, let field, let found, let nearest, let known):
      "\(file): \(field) \(found) is not a known architecture; "
        + suggestion(nearest, orOneOf: known)
    case .tooManyParameters(let file, let estimate, let limit):
      "\(file): the sizes together make \(fixed(estimate / 1e12, 0)) trillion parameters, "
        + "expected at most \(fixed(limit / 1e12, 0)) trillion; "
        + "check the layers, hidden size, experts and vocabulary"
    case .unknownModel(let name, let nearest, let known):
      "unknown model \(JSONValue.string(name).quoted); "
        + suggestion(nearest, orOneOf: known) + " (the path of a config.json works as well)"
    }
  }

  private func suggestion(_ nearest: String?, orOneOf known: [String]) -> String {
    if let nearest { return "did you mean \"\(nearest)\"?" }
    return "known are \(known.joined(separator: ", "))"
  }
}

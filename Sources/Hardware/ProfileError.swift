public import Units

/// Why a hardware profile was refused: where, what was found, what was expected, what to try.
public enum ProfileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No profile of this name, and no file at this path.
  case unknownName(name: String, suggestion: String?, known: [String])
  /// The file system would not give the file.
  case unreadable(file: String, reason: String)
  /// Not JSON.
  case malformed(file: String, line: Int, column: Int, found: String, expected: String)
  /// One key twice in one object.
  case duplicateKey(file: String, path: String)
  /// A key that nothing reads, most likely misspelt.
  case unknownKey(file: String, path: String, suggestion: String?, known: [String])
  /// A number or section that every profile must state.
  case missingKey(file: String, path: String)
  /// JSON of the wrong shape.
  case wrongType(file: String, path: String, found: String, expected: String)
  /// Text that is not a quantity of the right kind.
  case quantity(file: String, path: String, error: QuantityError)
  /// A rate of zero, which would make every cost infinite.
  case zero(file: String, path: String, text: String)
  /// A number outside the range that makes sense.
  case outOfRange(file: String, path: String, found: String, expected: String)
  /// A word that is not one of the choices.
  case unknownWord(
    file: String, path: String, found: String, suggestion: String?, known: [String])
  /// Two fields that contradict each other.
  case contradiction(file: String, path: String, explanation: String)
  /// A set of rates that the device does not have.
  case unknownRates(device: String, name: String, suggestion: String?, known: [String])

  public var description: String {
    switch self {
    case .unknownName(let name, let suggestion, let known):
      "unknown cluster \"\(name)\"" + hint(suggestion, known)
        + " (the path of a profile works as well)"
    case .unreadable(let file, let reason):
      "\(file): cannot be read: \(reason)"
    case .malformed(let file, let line, let column, let found, let expected):
      "\(file):\(line):\(column): found \(found), expected \(expected)"
    case .duplicateKey(let file, let path):
      "\(file): \(path): is stated twice; keep one"
    case .unknownKey(let file, let path, let suggestion, let known):
      "\(file): \(path): is not a field of a profile" + hint(suggestion, known)
    case .missingKey(let file, let path):
      "\(file): \(path): is missing"
    case .wrongType(let file, let path, let found, let expected):
      "\(file): \(path): found \(found), expected \(expected)"
    case .quantity(let file, let path, let error):
      "\(file): \(path): \(error)"
    case .zero(let file, let path, let text):
      "\(file): \(path): \"\(text)\" is zero; a rate must be above zero"
    case .outOfRange(let file, let path, let found, let expected):
      "\(file): \(path): found \(found), expected \(expected)"
    case .unknownWord(let file, let path, let found, let suggestion, let known):
      "\(file): \(path): \"\(found)\" is not known" + hint(suggestion, known)
    case .contradiction(let file, let path, let explanation):
      "\(file): \(path): \(explanation)"
    case .unknownRates(let device, let name, let suggestion, let known):
      "\(device) has no rates \"\(name)\"" + hint(suggestion, known)
    }
  }

  private func hint(_ suggestion: String?, _ known: [String]) -> String {
    if let suggestion { return "; did you mean \"\(suggestion)\"?" }
    return "; expected one of \(known.joined(separator: ", "))"
  }
}

/// Why a text is not a quantity.
public enum QuantityError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A number with nothing behind it.
  case missingUnit(text: String, example: String)
  /// A unit that does not measure this kind of quantity.
  case unknownUnit(text: String, unit: String, known: [String])
  /// Something that does not start with a number.
  case notANumber(text: String, example: String)
  /// A quantity that must not be below zero.
  case negative(text: String)
  /// An amount that no value can hold.
  case tooLarge(text: String)

  public var description: String {
    switch self {
    case .missingUnit(let text, let example):
      "\"\(text)\" has no unit; write for example \"\(example)\""
    case .unknownUnit(let text, let unit, let known):
      "\"\(text)\" has the unit \"\(unit)\", expected one of \(known.joined(separator: ", "))"
    case .notANumber(let text, let example):
      "\"\(text)\" is not a quantity; write for example \"\(example)\""
    case .negative(let text):
      "\"\(text)\" is negative; expected zero or more"
    case .tooLarge(let text):
      "\"\(text)\" is too large to compute with; check the unit and the exponent"
    }
  }
}

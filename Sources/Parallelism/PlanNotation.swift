import Units

/// A written plan, read but not yet interpreted: which axes stand there, with which degrees.
///
/// Grammar: axes in any order and case, each a name and a number (`TP4`, `tp=4`, `TP 4`), separated by any
/// of `- _ x , ; | ( )`, blanks or nothing. `SP`, `SP1` and `SP0` switch sequence parallelism. A final
/// `order tp-cp-ep-pp-dp` names the rank order.
struct PlanNotation {
  /// The largest degree and the largest number of ranks: 2²⁰.
  static let limit = 1 << 20

  let text: String
  private(set) var degrees: [PlanAxis: Int] = [:]
  private(set) var sequenceParallel: Bool?
  private(set) var rankOrder = RankOrder.pipelineLast

  private var positions: [String: Int] = [:]
  private var rest: Substring

  init(_ text: String) throws(PlanError) {
    self.text = text
    rest = text[...]
    skip { Self.isSeparator($0) }
    while !rest.isEmpty {
      try readAxis()
      skip { Self.isSeparator($0) }
    }
    if degrees.isEmpty { throw .noAxes(text: text) }
  }

  private mutating func readAxis() throws(PlanError) {
    let start = position
    let name = readName()
    guard !name.isEmpty else { throw .nameExpected(found: rest.prefix(1) + "", position: start) }
    if name == "ORDER" { return try readOrder() }
    if name == "SP" { return try readSequenceParallel(at: start) }
    guard let axis = PlanAxis(name: name) else {
      throw .unknownAxis(name: name, position: start, suggestion: Self.suggestion(for: name))
    }
    try mark(axis.rawValue, at: start)
    skip { $0 == "=" || $0 == ":" || $0 == " " }
    let digits = readDigits()
    guard !digits.isEmpty else { throw .degreeExpected(axis: axis, position: position) }
    guard let degree = Int(digits), (1...Self.limit).contains(degree) else {
      throw .degreeOutOfRange(axis: axis, found: String(digits), position: start)
    }
    degrees[axis] = degree
  }

  /// Reads letters, leaving out a separating `x` in front; a flag may touch the next axis (`SPTP4`).
  private mutating func readName() -> String {
    let name = rest.prefix { $0.isLetter }
    let upper = name.uppercased()
    if upper.hasPrefix("SP"), PlanAxis(name: upper.dropFirst(2)) != nil {
      rest = rest.dropFirst(2)
      return "SP"
    }
    rest = rest[name.endIndex...]
    return upper
  }

  private mutating func readSequenceParallel(at start: Int) throws(PlanError) {
    try mark("SP", at: start)
    skip { $0 == "=" || $0 == ":" }
    let digits = readDigits()
    switch digits {
    case "", "1": sequenceParallel = true
    case "0": sequenceParallel = false
    default: throw .badSwitch(found: String(digits), position: start)
    }
  }

  private mutating func readOrder() throws(PlanError) {
    skip { $0 == "=" || $0 == ":" || $0 == " " }
    let start = position
    guard let order = RankOrder(rawValue: rest.lowercased()) else {
      throw .unknownOrder(found: String(rest), position: start)
    }
    rankOrder = order
    rest = rest[rest.endIndex...]
  }

  private mutating func mark(_ name: String, at position: Int) throws(PlanError) {
    if let first = positions[name] {
      throw .duplicateAxis(name: name, position: position, first: first)
    }
    positions[name] = position
  }

  private mutating func readDigits() -> Substring {
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest[digits.endIndex...]
    return digits
  }

  private mutating func skip(while condition: (Character) -> Bool) {
    rest = rest.drop(while: condition)
  }

  /// The place of the next character, from 1.
  private var position: Int { text.distance(from: text.startIndex, to: rest.startIndex) + 1 }

  /// No axis begins with `x`, so an `x` where a name is expected separates.
  private static func isSeparator(_ character: Character) -> Bool {
    character.isWhitespace || "-_,;|()xX×·*".contains(character)
  }

  private static func suggestion(for name: String) -> String? {
    nearestSpelling(to: name, among: PlanAxis.allCases.map(\.rawValue) + ["SP"])
  }
}

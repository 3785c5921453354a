import Units

/// Takes flags by name and checks their values; what nobody takes is left over.
struct MegatronFlagReader {
  private var flags: [MegatronFlag]
  private var taken: Set<String> = []

  /// - Parameter lastWins: whether a repeated flag overrides, as on a command line, or must agree.
  init(_ flags: [MegatronFlag], lastWins: Bool) throws(MegatronError) {
    self.flags = []
    for flag in flags {
      if let index = self.flags.firstIndex(where: { $0.name == flag.name }) {
        guard lastWins || self.flags[index].values == flag.values else {
          throw .contradiction(self.flags[index], flag)
        }
        self.flags[index] = flag
      } else {
        self.flags.append(flag)
      }
    }
  }

  /// Flags that were not asked for, in order.
  var rest: [MegatronFlag] { flags.filter { !taken.contains($0.name) } }

  /// The flag with one of several names that mean the same.
  mutating func flag(_ names: String...) throws(MegatronError) -> MegatronFlag? {
    try flag(named: names)
  }

  private mutating func flag(named names: [String]) throws(MegatronError) -> MegatronFlag? {
    taken.formUnion(names)
    let found = flags.filter { names.contains($0.name) }
    guard let first = found.first else { return nil }
    for other in found where other.values != first.values { throw .contradiction(first, other) }
    return first
  }

  /// A whole number, at least 1.
  mutating func count(_ names: String...) throws(MegatronError) -> Int? {
    guard let flag = try flag(named: names) else { return nil }
    return try Self.count(flag)
  }

  /// The whole number of a flag, at least 1.
  static func count(_ flag: MegatronFlag) throws(MegatronError) -> Int {
    guard flag.values.count == 1, let count = number(flag.values[0]), count >= 1 else {
      throw .malformed(flag: flag, expected: "a whole number, at least 1")
    }
    return count
  }

  /// Several whole numbers, each at least 1.
  mutating func counts(_ names: String...) throws(MegatronError) -> [Int]? {
    guard let flag = try flag(named: names) else { return nil }
    let counts = flag.values.flatMap { $0.split(separator: ",") }.compactMap { Self.number($0) }
    guard !counts.isEmpty, counts.count >= flag.values.count, counts.allSatisfy({ $0 >= 1 }) else {
      throw .malformed(flag: flag, expected: "whole numbers, at least 1")
    }
    return counts
  }

  /// A finite real number.
  mutating func real(_ names: String...) throws(MegatronError) -> Double? {
    guard let flag = try flag(named: names) else { return nil }
    guard flag.values.count == 1, let value = Double(flag.values[0]), value.isFinite else {
      throw .malformed(flag: flag, expected: "a number")
    }
    return value
  }

  /// A text.
  mutating func word(_ names: String...) throws(MegatronError) -> String? {
    guard let flag = try flag(named: names) else { return nil }
    guard flag.values.count == 1 else { throw .malformed(flag: flag, expected: "one word") }
    return flag.values[0]
  }

  /// Words, separated by blanks or as a list.
  mutating func words(_ names: String...) throws(MegatronError) -> [String]? {
    guard let flag = try flag(named: names) else { return nil }
    guard !flag.values.isEmpty else { throw .malformed(flag: flag, expected: "words") }
    return flag.values
  }

  /// One of the cases of an enumeration.
  mutating func choice<Choice: MegatronChoice>(_ names: String...) throws(MegatronError) -> Choice?
  {
    guard let flag = try flag(named: names) else { return nil }
    guard flag.values.count == 1, let choice = Choice(rawValue: flag.values[0]) else {
      let choices = Choice.allCases.map(\.rawValue)
      let near = flag.values.first.flatMap { nearestSpelling(to: $0, among: choices) }
      throw .malformed(
        flag: flag,
        expected: "one of \(list(choices))" + (near.map { " (did you mean \($0)?)" } ?? ""))
    }
    return choice
  }

  /// Whether a switch is on, off (by its value or by the flag that switches it off), or absent.
  mutating func isOn(_ name: String, off: String? = nil) throws(MegatronError) -> Bool? {
    let on = try flag(name)
    let negation = try off.map { (name) throws(MegatronError) in try flag(name) } ?? nil
    switch (on, negation) {
    case (let on?, let negation?):
      let state = try Self.state(on)
      guard try state != Self.state(negation) else { throw .contradiction(on, negation) }
      return state
    case (let on?, nil): return try Self.state(on)
    case (nil, let negation?): return try !Self.state(negation)
    case (nil, nil): return nil
    }
  }

  private static func state(_ flag: MegatronFlag) throws(MegatronError) -> Bool {
    switch flag.values.map({ $0.lowercased() }) {
    case [], ["true"], ["yes"], ["on"], ["1"]: return true
    case ["false"], ["no"], ["off"], ["0"]: return false
    default: throw .malformed(flag: flag, expected: "no value, true or false")
    }
  }

  /// A whole number; YAML and Python write large ones with underscores.
  private static func number(_ text: some StringProtocol) -> Int? {
    Int(String(text.filter { $0 != "_" }))
  }
}

/// A value that is one of a few words.
protocol MegatronChoice: RawRepresentable, CaseIterable where RawValue == String {}

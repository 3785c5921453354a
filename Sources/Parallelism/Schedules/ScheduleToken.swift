/// One entry of a written pipeline order: `<stage><op><microbatch>`, for example `3F0`.
///
/// The letters are F (forward), B (backward), I (gradient of inputs) and W (gradient of weights).
public struct ScheduleToken: Hashable, Sendable, LosslessStringConvertible {
  /// The stage of the model, over the whole pipeline.
  public let stage: Int
  public let pass: Pass
  public let microbatch: Int

  public init(stage: Int, pass: Pass, microbatch: Int) {
    self.stage = stage
    self.pass = pass
    self.microbatch = microbatch
  }

  /// Reads a token; nil if the text has another form.
  public init?(_ text: String) {
    guard let letter = text.firstIndex(where: \.isLetter), let pass = Pass(letter: text[letter]),
      let stage = Self.number(text[..<letter]),
      let microbatch = Self.number(text[text.index(after: letter)...])
    else { return nil }
    self.init(stage: stage, pass: pass, microbatch: microbatch)
  }

  public var description: String { "\(stage)\(pass.letter)\(microbatch)" }

  private static func number(_ digits: Substring) -> Int? {
    digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(digits) : nil
  }
}

extension Pass {
  /// The letter of a written pipeline order.
  public var letter: Character {
    switch self {
    case .forward: "F"
    case .backward: "B"
    case .inputGradient: "I"
    case .weightGradient: "W"
    }
  }

  init?(letter: Character) {
    switch letter {
    case "F": self = .forward
    case "B": self = .backward
    case "I": self = .inputGradient
    case "W": self = .weightGradient
    default: return nil
    }
  }
}

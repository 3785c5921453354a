/// The words and numbers of a label, lower case, with what stood between them.
///
/// `RMSNorm` is two words, `L12` and `TP0` a word and a number; `A2A`, `P2P` and `fc1` stay whole.
struct LabelTokens {
  struct Token: Hashable {
    let text: String
    /// Set for tokens that are whole numbers.
    let number: Int?
    /// Whether a dash, dots or a tilde lead to the next token without a space: `0-3`.
    var joinsNext = false
  }

  private(set) var tokens: [Token] = []

  init(_ label: String) {
    var word = ""
    var previous: Character?
    let characters = Array(label.prefix(4096))
    for (index, character) in characters.enumerated() {
      if character.isASCII ? character.isLetter || character.isNumber : character.isLetter {
        if let last = previous, Self.startsWord(last, character, before: characters[(index + 1)...])
        {
          append(&word)
        }
        word.append(character)
        previous = character
      } else {
        append(&word)
        previous = nil
        if "-–—~.:…".contains(character), let last = tokens.indices.last {
          tokens[last].joinsNext = true
        }
        if character.isWhitespace || "/,;|".contains(character), let last = tokens.indices.last {
          tokens[last].joinsNext = false
        }
      }
    }
    append(&word)
  }

  /// Camel case: an upper-case letter after a lower-case one, or before one in an acronym.
  private static func startsWord(
    _ last: Character, _ this: Character, before rest: ArraySlice<Character>
  ) -> Bool {
    guard this.isUppercase else { return false }
    if last.isLowercase { return true }
    let next = rest.prefix { $0.isLowercase }
    // The plural of an acronym is one word: `GPUs`.
    return last.isUppercase && !next.isEmpty && String(next) != "s"
  }

  private mutating func append(_ word: inout String) {
    guard !word.isEmpty else { return }
    let text = word.lowercased()
    word = ""
    for part in Self.parts(text) { tokens.append(Token(text: part, number: Int(part))) }
  }

  /// Splits `tp0ep3` into letters and digits; words that end in letters or mean a matrix stay whole.
  private static func parts(_ text: String) -> [String] {
    let whole: Set<String> = ["fc1", "fc2", "fc3", "w1", "w2", "w3", "wo", "h2d", "d2h"]
    guard !whole.contains(text), text.last?.isNumber == true, text.first?.isNumber == false else {
      return [text]
    }
    var parts: [String] = []
    for character in text {
      if let last = parts.last?.last, last.isNumber == character.isNumber {
        parts[parts.count - 1].append(character)
      } else {
        parts.append(String(character))
      }
    }
    return parts
  }
}

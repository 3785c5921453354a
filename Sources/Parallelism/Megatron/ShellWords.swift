/// The words of a shell-like text: blanks separate, quotes join, `\` escapes or continues a line,
/// `#` at the beginning of a word starts a comment.
struct ShellWords {
  private let file: String
  private var words: [MegatronWord] = []
  private var word: String?
  private var wordLine = 1
  private var line = 1
  private var quote: (mark: Character, line: Int)?

  /// Splits a text into words.
  static func split(_ text: String, file: String) throws(MegatronError) -> [MegatronWord] {
    var splitter = ShellWords(file: file)
    var rest = text[...]
    while let character = rest.popFirst() {
      if character.isNewline { splitter.line += 1 }
      if splitter.quote != nil {
        splitter.readQuoted(character, &rest)
      } else {
        splitter.read(character, &rest)
      }
    }
    if let quote = splitter.quote {
      throw .unclosedQuote(mark: String(quote.mark), place: .line(file: file, quote.line))
    }
    splitter.endWord()
    return splitter.words
  }

  private init(file: String) { self.file = file }

  private mutating func read(_ character: Character, _ rest: inout Substring) {
    switch character {
    case "\"", "'":
      quote = (character, line)
      append("")
    case "\\":
      escape(&rest)
    case "#" where word == nil:
      rest = rest.drop { !$0.isNewline }
    case ";":
      endWord()
      append(";")
      endWord()
    case ")" where word == nil:
      append(")")
      endWord()
    default:
      guard character.isWhitespace else { return append(String(character)) }
      endWord()
      // A line's end ends a command, so what the next line begins with is no flag's value.
      if character.isNewline {
        append(";")
        endWord()
      }
    }
  }

  private mutating func readQuoted(_ character: Character, _ rest: inout Substring) {
    if character == quote?.mark {
      quote = nil
    } else if character == "\\", quote?.mark == "\"" {
      if rest.first?.isNewline != true { escape(&rest) }
    } else {
      append(String(character))
    }
  }

  /// An escaped end of line vanishes; any other escaped character stands for itself.
  private mutating func escape(_ rest: inout Substring) {
    guard let next = rest.popFirst() else { return }
    if next.isNewline { line += 1 } else { append(String(next)) }
  }

  private mutating func append(_ text: String) {
    if word == nil { wordLine = line }
    word = (word ?? "") + text
  }

  private mutating func endWord() {
    guard let text = word else { return }
    word = nil
    words.append(.init(text: text, place: .line(file: file, wordLine)))
    if !text.hasPrefix("-"), let flags = text.firstRange(of: /=\s*--/) {
      splitAssigned(text, from: text.index(after: flags.lowerBound))
    }
  }

  /// Scripts often keep flags in a quoted variable, `ARGS="--a 1 --b 2"`: splits its value.
  private mutating func splitAssigned(_ text: String, from start: String.Index) {
    let rows = text[start...].split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (offset, row) in rows.enumerated() {
      for word in row.split(whereSeparator: \.isWhitespace) {
        words.append(.init(text: String(word), place: .line(file: file, wordLine + offset)))
      }
    }
  }
}

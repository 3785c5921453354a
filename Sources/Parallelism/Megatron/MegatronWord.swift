/// A word of a command line, with its place.
struct MegatronWord {
  let text: String
  let place: MegatronPlace

  /// Groups words into flags: `--name value value`, `--name=value`.
  ///
  /// What does not belong to a flag (the launcher, the script's name, shell assignments) becomes a
  /// flag without dashes, so that it shows up among the ignored ones.
  static func flags(_ words: [MegatronWord]) -> [MegatronFlag] {
    var flags: [MegatronFlag] = []
    var open: (name: Substring, values: [String], place: MegatronPlace)?
    func close() {
      if let flag = open { flags.append(.init(flag.name, values: flag.values, at: flag.place)) }
      open = nil
    }
    for word in words {
      if word.text.hasPrefix("--"), word.text.count > 2 {
        close()
        let parts = word.text.split(separator: "=", maxSplits: 1)
        open = (parts[0], parts.dropFirst().map(String.init), word.place)
      } else if word.isPunctuation {
        close()
      } else if word.endsValues || open == nil {
        close()
        flags.append(.init(word.text, values: [], at: word.place))
      } else {
        open?.values.append(word.text)
      }
    }
    close()
    return flags
  }

  /// The parentheses of a shell array, or what ends a command.
  private var isPunctuation: Bool {
    ["(", ")", ";", "--"].contains(text) || text.hasSuffix("=(")
  }

  /// The script, a shell assignment or the expansion of a shell array: never a flag's value.
  private var endsValues: Bool {
    if text.hasSuffix(".py") || text.contains("[@]") { return true }
    let name = text.prefix { $0 != "=" }
    return name.count < text.count && name.first?.isUppercase == true
      && name.allSatisfy { $0.isUppercase || $0.isNumber || $0 == "_" }
  }
}

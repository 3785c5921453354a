extension PipelineLayout {
  /// Reads Megatron's `--pipeline-model-parallel-layout`.
  ///
  /// Stages are separated by `|`; `E` is the embedding, `t` a layer, `m` a prediction module, `L` the
  /// loss. A letter or a parenthesis may be followed by `*` and a number of repetitions; commas are
  /// ignored. For example `Et*3|(tt|)*29,m|L`.
  ///
  /// - Throws: `LayoutError.malformed` for text of another form, an embedding elsewhere than at the
  ///   beginning, a loss elsewhere than at the end, or a layer behind a prediction module.
  public init(megatron text: String) throws(LayoutError) {
    let expanded: String
    var rest = text.filter { !$0.isWhitespace && $0 != "," }[...]
    do throws(LayoutReading) {
      expanded = try expand(&rest, depth: 0)
    } catch {
      throw .malformed(text: text, reason: error.reason)
    }
    guard expanded.hasPrefix("E"), expanded.count(where: { $0 == "E" }) == 1 else {
      throw .malformed(text: text, reason: "the embedding E stands once, at the beginning")
    }
    guard expanded.hasSuffix("L"), expanded.count(where: { $0 == "L" }) == 1 else {
      throw .malformed(text: text, reason: "the loss L stands once, at the end")
    }
    if let module = expanded.firstIndex(of: "m"), let layer = expanded.lastIndex(of: "t"),
      module < layer
    {
      throw .malformed(text: text, reason: "prediction modules m stand behind all layers t")
    }
    self = .custom(
      expanded.split(separator: "|", omittingEmptySubsequences: false).map { stage in
        stage.count(where: { $0 == "t" })
      })
  }
}

/// Why a written layout cannot be read.
private struct LayoutReading: Error {
  let reason: String
}

/// Writes repetitions out, up to the end or a closing parenthesis.
private func expand(_ rest: inout Substring, depth: Int) throws(LayoutReading) -> String {
  var text = ""
  while let letter = rest.first, letter != ")" {
    rest.removeFirst()
    var piece = String(letter)
    if letter == "(" {
      guard depth < 8 else { throw LayoutReading(reason: "parentheses nest deeper than 8") }
      piece = try expand(&rest, depth: depth + 1)
      guard rest.first == ")" else { throw LayoutReading(reason: "a ( has no )") }
      rest.removeFirst()
    } else if !"EtmL|".contains(letter) {
      throw LayoutReading(reason: "\"\(letter)\" is none of E, t, m, L, |, parentheses and *")
    }
    let count = try repetitions(&rest)
    guard text.count + piece.count * count <= 10_000 else {
      throw LayoutReading(reason: "written out it is longer than 10000 letters")
    }
    text += String(repeating: piece, count: count)
  }
  guard depth > 0 || rest.isEmpty else { throw LayoutReading(reason: "a ) has no (") }
  return text
}

/// The number behind a `*`; 1 without one.
private func repetitions(_ rest: inout Substring) throws(LayoutReading) -> Int {
  guard rest.first == "*" else { return 1 }
  rest.removeFirst()
  let digits = rest.prefix { "0123456789".contains($0) }
  rest = rest[digits.endIndex...]
  guard let number = Int(digits), (1...1000).contains(number) else {
    throw LayoutReading(reason: "a * is followed by a number from 1 to 1000")
  }
  return number
}

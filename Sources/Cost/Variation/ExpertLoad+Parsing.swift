import Foundation

/// What the user says about the load of experts, before the model is known.
public enum ExpertLoadSource: Hashable, Sendable {
  case zipf(Double)
  case powerLaw(Double)
  /// A routing map: lines of `expert,tokens`, a heading allowed, experts without tokens left out.
  case map(file: String)

  /// Reads `zipf:1.2`, `power:1.5` or the name of a CSV file.
  ///
  /// - Throws: `VariationError` for another form or an exponent outside 0...10 (a power law's 0.1...10).
  public init(parsing text: String) throws(VariationError) {
    if text.hasSuffix(".csv") {
      self = .map(file: text)
      return
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let exponent = Double(parts[1]) else {
      throw .malformed(text, .expertLoad)
    }
    guard (0...10).contains(exponent), parts[0] == "zipf" || exponent >= 0.1 else {
      throw .exponentOutOfRange(text, exponent)
    }
    switch parts[0] {
    case "zipf": self = .zipf(exponent)
    case "power": self = .powerLaw(exponent)
    default: throw .malformed(text, .expertLoad)
    }
  }
}

extension ExpertLoad {
  /// Reads a routing map.
  ///
  /// - Parameters:
  ///   - map: its text.
  ///   - file: its name, for messages.
  ///   - experts: of the model.
  /// - Throws: `VariationError` naming the line.
  public init(map: String, file: String, experts: Int) throws(VariationError) {
    var tokens = [Double?](repeating: nil, count: experts)
    let lines = map.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let text = line.filter { !$0.isWhitespace && $0 != "\u{FEFF}" }
      if text.isEmpty || index == 0 && text.lowercased() == "expert,tokens" { continue }
      let fields = text.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count == 2, let expert = Int(fields[0]), let count = Double(fields[1]),
        count >= 0, count < 1e15
      else { throw .malformedMap(file: file, line: index + 1, found: String(line)) }
      guard tokens.indices.contains(expert) else {
        throw .missingExpert(file: file, line: index + 1, expert: expert, experts: experts)
      }
      guard tokens[expert] == nil else {
        throw .repeatedExpert(file: file, line: index + 1, expert: expert)
      }
      tokens[expert] = count
    }
    guard tokens.contains(where: { ($0 ?? 0) > 0 }) else { throw .noTokens(file: file) }
    self.init(tokens: tokens.map { $0 ?? 0 })
  }
}

import Units

extension ProfileReader {
  /// A quantity above zero, such as a bandwidth.
  func positive<Q: Quantity & Comparable>(
    _ key: String, as type: Q.Type = Q.self
  ) throws(ProfileError) -> Q {
    let amount: Q = try quantity(key)
    guard amount > Q(baseAmount: 0) else {
      throw .zero(file: file, path: at(key), text: try number(key).text)
    }
    return amount
  }

  /// A quantity of zero or more, such as a latency.
  func quantity<Q: Quantity>(_ key: String) throws(ProfileError) -> Q {
    let value = try number(key)
    guard case .string(let text) = value.json else {
      throw .quantity(
        file: file, path: at(key), error: .missingUnit(text: value.text, example: Q.example))
    }
    do throws(QuantityError) {
      return try Q(parsing: text)
    } catch {
      throw .quantity(file: file, path: at(key), error: error)
    }
  }

  /// A quantity above zero that a device may lack.
  func optional<Q: Quantity & Comparable>(_ key: String) throws(ProfileError) -> Q? {
    has(key) ? try positive(key) : nil
  }

  /// A whole number of at least one.
  func count(_ key: String) throws(ProfileError) -> Int {
    let value = try number(key)
    guard case .number(let amount, _) = value.json else {
      throw .wrongType(
        file: file, path: at(key), found: value.json.kind, expected: "a whole number")
    }
    guard amount >= 1, amount <= 1e9, let count = Int(exactly: amount) else {
      throw .outOfRange(
        file: file, path: at(key), found: value.text, expected: "a whole number of at least 1")
    }
    return count
  }

  /// A plain number in a range.
  func ratio(_ key: String, in range: ClosedRange<Double>) throws(ProfileError) -> Double {
    let value = try number(key)
    guard case .number(let amount, _) = value.json else {
      throw .wrongType(file: file, path: at(key), found: value.json.kind, expected: "a number")
    }
    guard range.contains(amount) else {
      throw .outOfRange(
        file: file, path: at(key), found: value.text,
        expected: "a number between \(range.lowerBound) and \(range.upperBound)")
    }
    return amount
  }

  /// The value of a sourced number, and how the file writes it.
  ///
  /// - Throws: when it is not an object of value, provenance and a known source.
  private func number(_ key: String) throws(ProfileError) -> (json: JSONValue, text: String) {
    let json = try value(key)
    guard case .object = json else {
      throw .wrongType(
        file: file, path: at(key), found: json.kind,
        expected: "an object with value, provenance and source")
    }
    let entry = try section(key, keys: ["value", "provenance", "source", "spread"])
    _ = try entry.word("provenance", as: Provenance.self)
    let source = try entry.text("source")
    guard sources.contains(source) else {
      throw .unknownWord(
        file: file, path: entry.at("source"), found: source,
        suggestion: nearestSpelling(to: source, among: sources), known: sources)
    }
    if entry.has("spread") { _ = try entry.spread() }
    switch try entry.value("value") {
    case .string(let text): return (.string(text), text)
    case .number(let amount, let text): return (.number(amount, text: text), text)
    case let other:
      throw .wrongType(
        file: file, path: at(key), found: other.kind, expected: "a number or a quantity")
    }
  }

  /// A relative spread such as `"5 %"`, as a fraction.
  func spread() throws(ProfileError) -> Double {
    let text = try text("spread")
    guard text.hasSuffix(" %"), let percent = Double(text.dropLast(2)), percent >= 0 else {
      throw .outOfRange(
        file: file, path: at("spread"), found: "\"\(text)\"", expected: "a percentage like \"5 %\"")
    }
    return percent / 100
  }
}

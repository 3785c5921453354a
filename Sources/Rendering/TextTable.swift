/// A table of texts that reports print: aligned columns for a terminal, or Markdown.
public struct TextTable: Hashable, Sendable {
  public enum Alignment: Hashable, Sendable {
    case left
    /// For numbers.
    case right
  }

  public struct Column: Hashable, Sendable {
    public let heading: String
    public let alignment: Alignment

    public init(_ heading: String, _ alignment: Alignment = .left) {
      self.heading = heading
      self.alignment = alignment
    }
  }

  public let columns: [Column]
  public private(set) var rows: [[String]] = []

  public init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row.
  ///
  /// - Precondition: one cell per column.
  public mutating func append(_ cells: [String]) {
    precondition(cells.count == columns.count, "a row has one cell per column")
    rows.append(cells)
  }

  /// For a terminal: columns two spaces apart under a ruled heading, a newline after every line.
  public func terminal() -> String {
    let cells = ([columns.map(\.heading)] + rows).map { $0.map(singleLine) }
    let widths = columns.indices.map { column in
      cells.map { displayWidth($0[column]) }.max() ?? 0
    }
    var lines = cells.map { row in line(row, widths: widths) }
    lines.insert(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "), at: 1)
    return lines.joined(separator: "\n") + "\n"
  }

  /// As a Markdown table, padded so that the source reads as a table too.
  public func markdown() -> String {
    let cells = ([columns.map(\.heading)] + rows).map {
      $0.map { escapedForMarkdown(singleLine($0)) }
    }
    let widths = columns.indices.map { column in
      max(3, cells.map { displayWidth($0[column]) }.max() ?? 0)
    }
    var lines = cells.map { row in
      "| " + padded(row, widths: widths).joined(separator: " | ") + " |"
    }
    let rule = zip(columns, widths).map { column, width in
      String(repeating: "-", count: width - (column.alignment == .right ? 1 : 0))
        + (column.alignment == .right ? ":" : "")
    }
    lines.insert("| " + rule.joined(separator: " | ") + " |", at: 1)
    return lines.joined(separator: "\n") + "\n"
  }

  private func line(_ row: [String], widths: [Int]) -> String {
    var text = padded(row, widths: widths).joined(separator: "  ")
    while text.last == " " { text.removeLast() }
    return text
  }

  private func padded(_ row: [String], widths: [Int]) -> [String] {
    columns.indices.map { column in
      let padding = String(repeating: " ", count: widths[column] - displayWidth(row[column]))
      return columns[column].alignment == .left ? row[column] + padding : padding + row[column]
    }
  }
}

/// A text on one line, without characters that would move the cursor.
private func singleLine(_ text: String) -> String {
  String(
    String.UnicodeScalarView(
      text.unicodeScalars.map { $0 == "\n" || $0 == "\t" ? " " : isControl($0) ? "\u{FFFD}" : $0 }))
}

/// A text that Markdown shows as it is, inside a table cell.
private func escapedForMarkdown(_ text: String) -> String {
  text.reduce(into: "") { result, character in
    switch character {
    case "|", "\\", "`", "*", "[", "]": result += "\\\(character)"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "&": result += "&amp;"
    default: result.append(character)
    }
  }
}

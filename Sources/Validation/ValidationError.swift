import Units

/// Why a table of measurements cannot be read. (A row that cannot be priced is no error: it is counted
/// and its reason listed.)
public enum ValidationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A file without a header.
  case emptyTable(file: String)
  /// A header that names a column twice.
  case doubledColumn(file: String, column: String)
  /// A header without a column that every row needs.
  case missingColumn(file: String, column: String, known: [String])
  /// A row that is longer or shorter than the header.
  case wrongFieldCount(file: String, line: Int, found: Int, expected: Int)
  /// A quote inside a field that does not start with one, or text behind a closing quote.
  case strayQuote(file: String, line: Int)
  /// A quoted field that does not end.
  case openQuote(file: String, line: Int)

  public var description: String {
    switch self {
    case .emptyTable(let file):
      "\(file): the file is empty; its first line must name the columns"
    case .doubledColumn(let file, let column):
      "\(file): line 1: the column \"\(column)\" appears twice"
    case .missingColumn(let file, let column, let known):
      "\(file): line 1: no column \"\(column)\""
        + (nearestSpelling(to: column, among: known).map { "; is it \"\($0)\"?" }
          ?? "; the columns are \(known.joined(separator: ", "))")
    case .wrongFieldCount(let file, let line, let found, let expected):
      "\(file): line \(line): \(found) fields, the header has \(expected); quote fields with commas"
    case .strayQuote(let file, let line):
      "\(file): line \(line): a quote inside a field; write the field in quotes and the quote twice"
    case .openQuote(let file, let line):
      "\(file): line \(line): a quoted field starts here and does not end"
    }
  }
}

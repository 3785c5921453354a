/// A table read from comma-separated text (RFC 4180): a header, and rows by column name.
///
/// Fields may be quoted; a quoted field may hold commas, line breaks and, doubled, quotes. Lines end in
/// a line feed, with or without a carriage return. Empty lines are no rows.
public struct CSVTable: Hashable, Sendable {
  /// Column names in file order.
  public let columns: [String]
  /// The rows, in file order.
  public let rows: [CSVRow]

  /// Reads a table that must have some columns; others are kept and may be ignored.
  ///
  /// - Parameters:
  ///   - bytes: the file, in UTF-8, with or without a byte-order mark.
  ///   - file: its name, for messages.
  ///   - required: columns without which the rows mean nothing.
  /// - Throws: `ValidationError` for an empty file, a doubled or missing column, a row with another
  ///   number of fields than the header, and quotes that do not pair.
  public init(
    parsing bytes: some Collection<UInt8>, file: String, requiring required: [String] = []
  ) throws(ValidationError) {
    var records = try CSVReader(bytes, file: file).records()
    guard let header = records.first else { throw .emptyTable(file: file) }
    let names = header.fields.map(trimmed)
    for (index, name) in names.enumerated() where names[..<index].contains(name) {
      throw .doubledColumn(file: file, column: name)
    }
    for name in required where !names.contains(name) {
      throw .missingColumn(file: file, column: name, known: names)
    }
    records.removeFirst()
    let places = CSVColumns(names)
    var rows: [CSVRow] = []
    for record in records {
      guard record.fields.count == names.count else {
        throw .wrongFieldCount(
          file: file, line: record.line, found: record.fields.count, expected: names.count)
      }
      rows.append(CSVRow(line: record.line, fields: record.fields.map(trimmed), columns: places))
    }
    columns = names
    self.rows = rows
  }
}

/// One row of a table: text by column name.
public struct CSVRow: Hashable, Sendable {
  /// The line of the file on which the row starts, from 1.
  public let line: Int
  private let fields: [String]
  private let columns: CSVColumns

  init(line: Int, fields: [String], columns: CSVColumns) {
    self.line = line
    self.fields = fields
    self.columns = columns
  }

  /// A row by hand.
  public init(_ cells: KeyValuePairs<String, String>, line: Int = 1) {
    self.init(line: line, fields: cells.map(\.value), columns: CSVColumns(cells.map(\.key)))
  }

  /// The text of a column without surrounding blanks; empty where the table has no such column.
  public subscript(column: String) -> String {
    columns.place[column].map { fields[$0] } ?? ""
  }
}

/// Where each column stands; shared by the rows of a table.
struct CSVColumns: Hashable, Sendable {
  let place: [String: Int]

  init(_ names: [String]) {
    place = Dictionary(zip(names, names.indices)) { first, _ in first }
  }
}

private func trimmed(_ text: String) -> String {
  guard let first = text.firstIndex(where: { !$0.isWhitespace }),
    let last = text.lastIndex(where: { !$0.isWhitespace })
  else { return "" }
  return String(text[first...last])
}

/// Cuts comma-separated text into records, byte by byte.
struct CSVReader<Source: Collection<UInt8>> {
  struct Record {
    let line: Int
    let fields: [String]
  }

  private let bytes: Source
  private let file: String

  init(_ bytes: Source, file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// All records; lines without any text are none.
  func records() throws(ValidationError) -> [Record] {
    var state = ReadingState()
    for byte in bytes.dropFirst(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0) {
      try state.take(byte, file: file)
    }
    return try state.finish(file: file)
  }

  private struct ReadingState {
    private enum Place { case plain, quoted, quoteInQuoted }

    private var records: [Record] = []
    private var fields: [String] = []
    private var field: [UInt8] = []
    private var place = Place.plain
    private var line = 1
    private var recordLine = 1
    private var quoteLine = 1

    mutating func take(_ byte: UInt8, file: String) throws(ValidationError) {
      switch (place, byte) {
      case (.quoted, UInt8(ascii: "\"")): place = .quoteInQuoted
      case (.quoted, _):
        field.append(byte)
        line += byte == UInt8(ascii: "\n") ? 1 : 0
      case (.quoteInQuoted, UInt8(ascii: "\"")):
        field.append(byte)
        place = .quoted
      case (_, UInt8(ascii: ",")): endField()
      case (_, UInt8(ascii: "\n")): endRecord()
      case (_, UInt8(ascii: "\r")): break
      case (.plain, UInt8(ascii: "\"")) where field.isEmpty:
        place = .quoted
        quoteLine = line
      case (.quoteInQuoted, _), (.plain, UInt8(ascii: "\"")):
        throw .strayQuote(file: file, line: line)
      case (.plain, _): field.append(byte)
      }
    }

    mutating func finish(file: String) throws(ValidationError) -> [Record] {
      if place == .quoted { throw .openQuote(file: file, line: quoteLine) }
      if !field.isEmpty || !fields.isEmpty { endRecord() }
      return records
    }

    private mutating func endField() {
      fields.append(String(decoding: field, as: UTF8.self))
      field = []
      place = .plain
    }

    private mutating func endRecord() {
      let isBlank = fields.isEmpty && field.isEmpty && place == .plain
      endField()
      if !isBlank { records.append(Record(line: recordLine, fields: fields)) }
      fields = []
      line += 1
      recordLine = line
    }
  }
}

public import FoundationEssentials

extension PipelineOrder {
  /// Reads an order and finds out where its stages live: a line per rank, entries separated by commas.
  ///
  /// Every stage must forward every microbatch once, on the rank of its placement, and where there
  /// are gradients, have each once, whole or split; every token must be able to start.
  ///
  /// - Throws: `ScheduleError`, which names the rank and the entry.
  public init(parsing text: String) throws(ScheduleError) {
    var rows: [[WrittenEntry]] = []
    for (rank, line) in text.split(whereSeparator: \.isNewline).enumerated() {
      rows.append(try WrittenEntry.row(line, rank: rank))
    }
    self = try WrittenOrder(rows: rows).order()
    _ = try ScheduleReplay(self)
  }

  /// Reads an order from a file.
  ///
  /// - Throws: an error of the file system, or `ScheduleError`.
  public init(contentsOf file: URL) throws {
    try self.init(parsing: String(decoding: Data(contentsOf: file), as: UTF8.self))
  }
}

/// One token of a written order, with where it stands.
struct WrittenEntry {
  let token: ScheduleToken
  let rank: Int
  let column: Int
  /// Whether this forward and the token after it stand in one co-scheduled entry.
  let pairsWithNext: Bool

  /// The tokens of a line; empty entries say nothing.
  static func row(_ line: Substring, rank: Int) throws(ScheduleError) -> [WrittenEntry] {
    var row: [WrittenEntry] = []
    for (column, entry) in line.split(separator: ",", omittingEmptySubsequences: false).enumerated()
    {
      let text = String(entry.filter { !$0.isWhitespace && $0 != "\"" })
      if text.isEmpty { continue }
      if text.hasPrefix("(") {
        row += try pair(text, rank: rank, column: column)
      } else {
        guard let token = ScheduleToken(text) else {
          throw .badToken(text: text, rank: rank, column: column)
        }
        row.append(.init(token: token, rank: rank, column: column, pairsWithNext: false))
      }
    }
    return row
  }

  /// `(3F1;1B0)OVERLAP_F_B` as its two tokens.
  private static func pair(_ text: String, rank: Int, column: Int) throws(ScheduleError)
    -> [WrittenEntry]
  {
    let ending = ")OVERLAP_F_B"
    guard text.hasSuffix(ending) else { throw .badPair(text: text, rank: rank, column: column) }
    let parts = text.dropFirst().dropLast(ending.count)
      .split(separator: ";", omittingEmptySubsequences: false)
    guard parts.count == 2, let forward = ScheduleToken(String(parts[0])),
      let backward = ScheduleToken(String(parts[1])), forward.pass == .forward,
      backward.pass == .backward
    else { throw .badPair(text: text, rank: rank, column: column) }
    return [
      .init(token: forward, rank: rank, column: column, pairsWithNext: true),
      .init(token: backward, rank: rank, column: column, pairsWithNext: false),
    ]
  }
}

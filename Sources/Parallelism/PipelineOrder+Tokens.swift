extension PipelineOrder {
  /// The tokens of one rank, in execution order.
  public func tokens(ofRank rank: Int) -> [ScheduleToken] {
    slots[rank].map { token($0, rank: rank) }
  }

  /// The order as text: a line per rank, tokens separated by commas.
  public var text: String {
    (0..<ranks).map { rank in
      tokens(ofRank: rank).map(\.description).joined(separator: ",") + "\n"
    }.joined()
  }

  /// Reads an order whose stages loop over the ranks: a line per rank, tokens separated by commas.
  ///
  /// - Throws: `ScheduleError` for a malformed, foreign, repeated or missing token.
  public init(parsing text: String) throws(ScheduleError) {
    let lines = text.split(whereSeparator: \.isNewline)
    var rows: [[ScheduleToken]] = []
    for (rank, line) in lines.enumerated() {
      var row: [ScheduleToken] = []
      for (column, entry) in line.split(separator: ",").enumerated() {
        let entry = String(entry.filter { !$0.isWhitespace })
        guard let token = ScheduleToken(entry) else {
          throw .badToken(text: entry, rank: rank, column: column)
        }
        row.append(token)
      }
      rows.append(row)
    }
    try self.init(rows: rows)
  }

  private init(rows: [[ScheduleToken]]) throws(ScheduleError) {
    let ranks = rows.count
    for (name, count) in [("pipeline ranks", ranks), ("tokens per rank", rows.first?.count ?? 0)]
    where count < 1 {
      throw .notPositive(name: name, count: count)
    }
    for (rank, row) in rows.enumerated() {
      var seen: Set<ScheduleToken> = []
      for token in row {
        let owner = token.stage % ranks
        guard owner == rank else { throw .foreignStage(token: token, rank: rank, owner: owner) }
        guard seen.insert(token).inserted else { throw .repeatedToken(token: token, rank: rank) }
      }
    }
    let tokens = rows.joined()
    self.init(
      ranks: ranks,
      chunks: tokens.reduce(0) { max($0, $1.stage) } / ranks + 1,
      microbatches: tokens.reduce(0) { max($0, $1.microbatch) } + 1,
      slots: rows.map { row in
        row.map { Slot($0.pass, chunk: $0.stage / ranks, microbatch: $0.microbatch) }
      })
    try checkComplete()
  }

  /// Every rank forwards every (chunk, microbatch), and each pass that appears is complete.
  private func checkComplete() throws(ScheduleError) {
    for (rank, row) in slots.enumerated() {
      let present = Set(row)
      let backward = row.contains { $0.pass != .forward }
      for chunk in 0..<chunks {
        for microbatch in 0..<microbatches {
          let split = present.contains(.init(.inputGradient, chunk: chunk, microbatch: microbatch))
          let gradients: [Pass] = split ? [.inputGradient, .weightGradient] : [.backward]
          for pass in [.forward] + (backward ? gradients : []) {
            let slot = Slot(pass, chunk: chunk, microbatch: microbatch)
            if !present.contains(slot) {
              throw .missingToken(token: token(slot, rank: rank), rank: rank)
            }
          }
        }
      }
    }
  }

  private func token(_ slot: Slot, rank: Int) -> ScheduleToken {
    ScheduleToken(
      stage: stage(rank: rank, chunk: slot.chunk), pass: slot.pass, microbatch: slot.microbatch)
  }
}

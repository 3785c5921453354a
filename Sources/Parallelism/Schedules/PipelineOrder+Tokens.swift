extension PipelineOrder {
  /// The tokens of one rank, in execution order.
  public func tokens(ofRank rank: Int) -> [ScheduleToken] {
    slots[rank].map { token($0, rank: rank) }
  }

  /// The entries of one rank as they are written: tokens, and co-scheduled pairs as
  /// `(3F1;1B0)OVERLAP_F_B`.
  public func entries(ofRank rank: Int) -> [String] {
    var entries: [String] = []
    var forward: ScheduleToken?
    for slot in slots[rank] {
      let token = token(slot, rank: rank)
      if slot.pairsWithNext {
        forward = token
      } else if let first = forward {
        entries.append("(\(first);\(token))OVERLAP_F_B")
        forward = nil
      } else {
        entries.append(token.description)
      }
    }
    return entries
  }

  /// The order as text: a line per rank, entries separated by commas.
  public var text: String {
    (0..<ranks).map { entries(ofRank: $0).joined(separator: ",") + "\n" }.joined()
  }

  /// The entry, from 0, that a slot is written in.
  func column(ofSlot slot: Int, rank: Int) -> Int {
    slots[rank][..<slot].count { !$0.pairsWithNext }
  }

  func token(_ slot: Slot, rank: Int) -> ScheduleToken {
    ScheduleToken(
      stage: stage(rank: rank, chunk: slot.chunk), pass: slot.pass, microbatch: slot.microbatch)
  }
}

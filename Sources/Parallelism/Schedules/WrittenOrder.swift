/// An order as it was written, before anyone knows where its stages live.
struct WrittenOrder {
  private let rows: [[WrittenEntry]]
  private let ranks: Int
  private let stages: Int
  private let microbatches: Int

  /// - Throws: `ScheduleError` for an order without tokens or with stages that the ranks cannot hold.
  init(rows: [[WrittenEntry]]) throws(ScheduleError) {
    self.rows = rows
    ranks = rows.count
    let entries = rows.joined()
    guard let last = entries.max(by: { $0.token.stage < $1.token.stage }),
      let latest = entries.max(by: { $0.token.microbatch < $1.token.microbatch })
    else { throw .emptyOrder }
    stages = try Self.count(last.token.stage, of: last)
    microbatches = try Self.count(latest.token.microbatch, of: latest)
    guard stages % ranks == 0 else {
      throw .unevenStages(
        token: last.token, rank: last.rank, column: last.column, stages: stages, ranks: ranks)
    }
    // A token far out of range would make every other one missing; it is the one to name.
    if saturatingProduct([stages, microbatches]) > ScheduleError.mostSlots {
      throw .tooLarge(ranks: ranks, chunks: stages / ranks, microbatches: microbatches)
    }
  }

  /// One more than a number of a token.
  private static func count(_ number: Int, of entry: WrittenEntry) throws(ScheduleError) -> Int {
    guard number < Int.max else {
      throw .badToken(text: entry.token.description, rank: entry.rank, column: entry.column)
    }
    return number + 1
  }

  /// The order, complete and with every token on the rank of its stage.
  func order() throws(ScheduleError) -> PipelineOrder {
    let placement = try self.placement()
    let chunks = stages / ranks * placement.copies
    let order = PipelineOrder(
      ranks: ranks, chunks: chunks, microbatches: microbatches, placement: placement,
      slots: rows.map { row in
        row.map { entry in
          let home = home(of: entry.token, under: placement)
          return Slot(
            entry.token.pass, chunk: home.chunk, microbatch: entry.token.microbatch,
            pairsWithNext: entry.pairsWithNext)
        }
      })
    try checkOnce(order)
    return order
  }

  /// The first placement that puts every token where it stands.
  private func placement() throws(ScheduleError) -> PipelinePlacement {
    var closest: (placement: PipelinePlacement, foreign: [WrittenEntry])?
    for placement in candidates {
      let foreign = rows.joined().filter { home(of: $0.token, under: placement).rank != $0.rank }
      if let found = closest, found.foreign.count <= foreign.count { continue }
      closest = (placement, foreign)
    }
    guard let closest else { throw .emptyOrder }
    if let entry = closest.foreign.first {
      throw .foreignStage(
        token: entry.token, rank: entry.rank, column: entry.column,
        owner: home(of: entry.token, under: closest.placement).rank, placement: closest.placement)
    }
    return closest.placement
  }

  private var candidates: [PipelinePlacement] {
    if stages == 2 * ranks { return [.loop, .v] }
    if stages == ranks, ranks > 1, microbatches % 2 == 0 { return [.loop, .bidirectional] }
    return [.loop]
  }

  private func home(of token: ScheduleToken, under placement: PipelinePlacement)
    -> (rank: Int, chunk: Int)
  {
    let copy = token.microbatch * placement.copies / microbatches
    return placement.home(ofStage: token.stage, copy: copy, ranks: ranks)
  }

  /// Every stage and microbatch has its forward once and, unless the order is forward only, its
  /// gradient once.
  private func checkOnce(_ order: PipelineOrder) throws(ScheduleError) {
    var seen = [Set<Pass>](repeating: [], count: stages * microbatches)
    for entry in rows.joined() {
      let token = entry.token
      let place = token.stage * microbatches + token.microbatch
      let rivals: Set<Pass> =
        switch token.pass {
        case .forward: [.forward]
        case .backward: [.backward, .inputGradient, .weightGradient]
        case .inputGradient: [.backward, .inputGradient]
        case .weightGradient: [.backward, .weightGradient]
        }
      guard seen[place].isDisjoint(with: rivals) else {
        throw .repeatedToken(token: token, rank: entry.rank, column: entry.column)
      }
      seen[place].insert(token.pass)
    }
    let trains = rows.joined().contains { $0.token.pass != .forward }
    for stage in 0..<stages {
      for microbatch in 0..<microbatches {
        let passes = seen[stage * microbatches + microbatch]
        guard let missing = missingPass(from: passes, trains: trains) else { continue }
        throw .missingToken(
          token: .init(stage: stage, pass: missing, microbatch: microbatch),
          rank: order.rank(ofStage: stage, microbatch: microbatch))
      }
    }
  }

  private func missingPass(from passes: Set<Pass>, trains: Bool) -> Pass? {
    if !passes.contains(.forward) { return .forward }
    if !trains || passes.contains(.backward) { return nil }
    switch (passes.contains(.inputGradient), passes.contains(.weightGradient)) {
    case (true, true): return nil
    case (true, false): return .weightGradient
    case (false, true): return .inputGradient
    case (false, false): return .backward
    }
  }
}

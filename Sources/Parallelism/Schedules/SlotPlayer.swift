/// Plays every rank as far as it comes, rank after rank, until nothing moves.
struct SlotPlayer {
  private let order: PipelineOrder
  private let times: PassTimes
  private let stages: Int
  private(set) var intervals: [[ScheduleReplay.Interval]]
  private var next: [Int]
  private var clock: [Double]
  /// By stage and microbatch.
  private var forwardEnds: [Double?]
  private var gradientEnds: [Double?]

  init(_ order: PipelineOrder, _ times: PassTimes) {
    self.order = order
    self.times = times
    stages = order.stages
    intervals = order.slots.map { row in
      var intervals: [ScheduleReplay.Interval] = []
      intervals.reserveCapacity(row.count)
      return intervals
    }
    next = [Int](repeating: 0, count: order.ranks)
    clock = [Double](repeating: 0, count: order.ranks)
    forwardEnds = [Double?](repeating: nil, count: stages * order.microbatches)
    gradientEnds = forwardEnds
  }

  mutating func play() throws(ScheduleError) {
    var moved = true
    while moved {
      moved = false
      for rank in 0..<order.ranks {
        while next[rank] < order.slots[rank].count, step(rank) { moved = true }
      }
    }
    for rank in 0..<order.ranks where next[rank] < order.slots[rank].count {
      try refuse(rank)
    }
  }

  /// Runs the next slot or pair of a rank; false when an input is missing.
  private mutating func step(_ rank: Int) -> Bool {
    let row = order.slots[rank]
    let slot = row[next[rank]]
    guard var ready = inputEnd(of: slot, on: rank) else { return false }
    var duration = times.duration(of: slot.pass)
    if slot.pairsWithNext {
      guard let other = inputEnd(of: row[next[rank] + 1], on: rank) else { return false }
      ready = max(ready, other)
      duration = times.pair
    }
    let start = max(clock[rank], ready)
    clock[rank] = start + duration
    finish(slot, on: rank, start: start)
    if slot.pairsWithNext { finish(row[next[rank]], on: rank, start: start) }
    return true
  }

  private mutating func finish(_ slot: Slot, on rank: Int, start: Double) {
    let place = place(order.stage(rank: rank, chunk: slot.chunk), slot.microbatch)
    switch slot.pass {
    case .forward: forwardEnds[place] = clock[rank]
    case .backward, .inputGradient: gradientEnds[place] = clock[rank]
    case .weightGradient: break
    }
    intervals[rank].append(.init(start: start, end: clock[rank]))
    next[rank] += 1
  }

  /// When all inputs of a slot have arrived, or nil while one is not known.
  private func inputEnd(of slot: Slot, on rank: Int) -> Double? {
    let stage = order.stage(rank: rank, chunk: slot.chunk)
    switch slot.pass {
    case .forward:
      guard stage > 0 else { return 0 }
      return arrival(
        forwardEnds[place(stage - 1, slot.microbatch)], on: rank,
        from: order.previousRank(rank: rank, chunk: slot.chunk))
    case .backward, .inputGradient:
      let own = arrival(forwardEnds[place(stage, slot.microbatch)], on: rank, from: rank)
      guard stage < stages - 1, let own else { return own }
      let gradient = arrival(
        gradientEnds[place(stage + 1, slot.microbatch)], on: rank,
        from: order.nextRank(rank: rank, chunk: slot.chunk))
      return gradient.map { max($0, own) }
    case .weightGradient:
      return arrival(gradientEnds[place(stage, slot.microbatch)], on: rank, from: rank)
    }
  }

  private func arrival(_ end: Double?, on rank: Int, from source: Int?) -> Double? {
    end.map { source == rank ? $0 : $0 + times.latency }
  }

  private func place(_ stage: Int, _ microbatch: Int) -> Int {
    stage * order.microbatches + microbatch
  }
}

extension SlotPlayer {
  /// Names the slot at which a rank stands still and what it waits for.
  private func refuse(_ rank: Int) throws(ScheduleError) {
    let row = order.slots[rank]
    var slot = row[next[rank]]
    if slot.pairsWithNext, inputEnd(of: slot, on: rank) != nil { slot = row[next[rank] + 1] }
    let stage = order.stage(rank: rank, chunk: slot.chunk)
    let input: (stage: Int, pass: Pass)
    switch slot.pass {
    case .forward: input = (stage - 1, .forward)
    case .weightGradient: input = (stage, .inputGradient)
    case .backward, .inputGradient:
      let lacksForward = forwardEnds[place(stage, slot.microbatch)] == nil
      input =
        lacksForward
        ? (stage, .forward)
        : (stage + 1, gradientPass(ofStage: stage + 1, microbatch: slot.microbatch))
    }
    throw .deadlock(
      token: .init(stage: stage, pass: slot.pass, microbatch: slot.microbatch), rank: rank,
      column: order.column(ofSlot: next[rank], rank: rank),
      input: .init(stage: input.stage, pass: input.pass, microbatch: slot.microbatch),
      source: order.rank(ofStage: input.stage, microbatch: slot.microbatch))
  }

  /// Whether the gradient of a stage is written as a whole backward or as an input gradient.
  private func gradientPass(ofStage stage: Int, microbatch: Int) -> Pass {
    let rank = order.rank(ofStage: stage, microbatch: microbatch)
    let chunk = order.chunk(ofStage: stage, microbatch: microbatch)
    let isSplit = order.slots[rank].contains {
      $0.pass == .inputGradient && $0.chunk == chunk && $0.microbatch == microbatch
    }
    return isSplit ? .inputGradient : .backward
  }
}

extension PipelineSchedule {
  /// The order in which every pipeline rank runs its slots.
  ///
  /// Every rank forwards `warmUp` slots ahead, then alternates one forward and one backward, then
  /// drains. On rank `r` of `p` with `v` chunks, `m` microbatches and groups of `N`, the warm-up is
  ///
  ///     GPipe             m
  ///     1F1B              min(m, p − r − 1)
  ///     interleaved 1F1B  min(m·v, 2(p − r − 1) + (v − 1)·N)
  ///
  /// - Parameters:
  ///   - ranks: pipeline ranks `p`.
  ///   - chunks: model chunks per rank `v`.
  ///   - microbatches: microbatches per step and data-parallel rank `m`.
  /// - Throws: `ScheduleError` if the schedule cannot run these numbers.
  /// - SeeAlso: Megatron-LM, `megatron/core/pipeline_parallel/schedules.py`.
  public func order(ranks: Int, chunks: Int = 1, microbatches: Int) throws(ScheduleError)
    -> PipelineOrder
  {
    try check(ranks: ranks, chunks: chunks, microbatches: microbatches)
    let turns = SlotTurns(
      groupSize: groupSize(ranks: ranks), chunks: chunks, microbatches: microbatches)
    let slots = (0..<ranks).map { rank in
      self == .forwardOnly
        ? turns.forwards
        : turns.alternating(
          afterWarmUp: warmUp(rank: rank, ranks: ranks, chunks: chunks, of: turns.count))
    }
    return PipelineOrder(ranks: ranks, chunks: chunks, microbatches: microbatches, slots: slots)
  }

  /// Forward slots that a rank runs before its first backward, out of all its forward slots.
  private func warmUp(rank: Int, ranks: Int, chunks: Int, of total: Int) -> Int {
    let downstream = ranks - rank - 1
    switch self {
    case .gpipe, .forwardOnly:
      return total
    case .oneForwardOneBackward where chunks == 1:
      return min(total, downstream)
    case .oneForwardOneBackward, .interleaved:
      let groupSize = min(groupSize(ranks: ranks), total)
      return min(total, 2 * downstream + (chunks - 1) * groupSize)
    }
  }

  /// Microbatches that a chunk takes before the next chunk has its turn.
  func groupSize(ranks: Int) -> Int {
    if case .interleaved(let groupSize) = self { groupSize } else { ranks }
  }
}

/// The sequence in which a rank serves (chunk, microbatch): in groups of microbatches, all chunks
/// of a group in turn. Backward slots follow the same sequence with the chunks reversed.
private struct SlotTurns {
  private let turns: [(chunk: Int, microbatch: Int)]
  private let chunks: Int

  init(groupSize: Int, chunks: Int, microbatches: Int) {
    self.chunks = chunks
    turns = stride(from: 0, to: microbatches, by: groupSize).flatMap { first in
      (0..<chunks).flatMap { chunk in
        (first..<min(first + groupSize, microbatches)).map { (chunk, $0) }
      }
    }
  }

  var count: Int { turns.count }

  var forwards: [Slot] { turns.indices.map(forward) }

  func alternating(afterWarmUp warmUp: Int) -> [Slot] {
    let steady = (warmUp..<count).flatMap { [forward($0), backward($0 - warmUp)] }
    return (0..<warmUp).map(forward) + steady + (count - warmUp..<count).map(backward)
  }

  private func forward(_ index: Int) -> Slot {
    Slot(.forward, chunk: turns[index].chunk, microbatch: turns[index].microbatch)
  }

  private func backward(_ index: Int) -> Slot {
    Slot(
      .backward, chunk: chunks - 1 - turns[index].chunk, microbatch: turns[index].microbatch)
  }
}

extension PipelineSchedule {
  /// The order in which every pipeline rank runs its slots.
  ///
  /// The 1F1B family forwards `warmUp` slots ahead, then alternates one forward and one backward,
  /// then drains. On rank `r` of `p` with `v` chunks, `m` microbatches and groups of `N`:
  ///
  ///     warmUp = m                                   GPipe
  ///     warmUp = min(m, p − r − 1)                   1F1B
  ///     warmUp = min(m·v, 2(p − r − 1) + (v − 1)·N)  interleaved 1F1B
  ///
  /// ZB-H1, ZB-H2, V-Half and V-Min keep at most `p`, `2p`, `p/2 + 1` and `(p + 4)/3` microbatches'
  /// activations per rank, until their weight gradient; what they do within that is searched for.
  ///
  /// - Parameters:
  ///   - ranks: pipeline ranks `p`.
  ///   - chunks: model chunks per rank `v`, of one copy of the model.
  ///   - microbatches: microbatches per step and data-parallel rank `m`.
  ///   - overlappingExperts: whether each forward of the steady phase runs together with the backward
  ///     after it, to hide their all-to-alls behind each other; 1F1B then warms up one slot longer.
  ///   - times: what the searched schedules are made for; the others do not depend on it.
  /// - Throws: `ScheduleError` if the schedule cannot run these numbers.
  /// - SeeAlso: Megatron-LM, `megatron/core/pipeline_parallel/schedules.py`.
  public func order(
    ranks: Int, chunks: Int = 1, microbatches: Int, overlappingExperts: Bool = false,
    times: PassTimes = .equal
  ) throws(ScheduleError) -> PipelineOrder {
    try check(ranks: ranks, chunks: chunks, microbatches: microbatches)
    if overlappingExperts { try checkOverlap(ranks: ranks, chunks: chunks) }
    let search = ScheduleSearch(ranks: ranks, microbatches: microbatches, times: times)
    switch self {
    case .written(let order): return order
    // With fewer microbatches, the rule leaves memory idle that a longer warm-up can use.
    case .zeroBubbleH1 where chunks == 1 && microbatches <= ranks:
      return search.zeroBubble(limit: ranks)
    case .zeroBubbleH2: return search.zeroBubble(limit: 2 * ranks)
    case .vHalf: return search.controlledMemory(limit: 2 * ((ranks + 2) / 2))
    case .vMin: return search.controlledMemory(limit: 2 * ((ranks + 4) / 3))
    default:
      return ruled(
        ranks: ranks, chunks: chunks, microbatches: microbatches,
        overlappingExperts: overlappingExperts)
    }
  }

  /// The order that a rule gives, rank by rank.
  private func ruled(
    ranks: Int, chunks: Int, microbatches: Int, overlappingExperts: Bool = false
  ) -> PipelineOrder {
    let turns = SlotTurns(
      groupSize: self == .breadthFirst ? microbatches : groupSize(ranks: ranks), chunks: chunks,
      microbatches: microbatches)
    let slots = (0..<ranks).map { rank in
      switch self {
      case .forwardOnly:
        turns.forwards
      case .breadthFirst:
        turns.forwards + turns.retracing
      case .zeroBubbleH1, .interleavedZeroBubble:
        turns.splitting(
          afterWarmUp: min(turns.count, chunks * ranks - rank), weightGradientsLate: rank)
      case .zeroBubbleV: ZeroBubbleV(ranks: ranks, microbatches: microbatches).slots(rank: rank)
      case .dualPipe: DualPipe(ranks: ranks, microbatches: microbatches).slots(rank: rank)
      case .dualPipeV: DualPipeV(ranks: ranks, microbatches: microbatches).slots(rank: rank)
      case .chimera: Chimera(ranks: ranks).slots(rank: rank)
      case .gpipe, .oneForwardOneBackward, .interleaved, .zeroBubbleH2, .vHalf, .vMin, .written:
        turns.alternating(
          afterWarmUp: min(
            turns.count,
            warmUp(rank: rank, ranks: ranks, chunks: chunks, of: turns.count)
              + (overlappingExperts ? 1 : 0)), pairing: overlappingExperts)
      }
    }
    return PipelineOrder(
      ranks: ranks, chunks: chunks * placement.copies, microbatches: microbatches,
      placement: placement, slots: slots)
  }

  /// Forward slots that a rank of the 1F1B family runs before its first backward, out of all.
  private func warmUp(rank: Int, ranks: Int, chunks: Int, of total: Int) -> Int {
    let downstream = ranks - rank - 1
    if self == .gpipe { return total }
    if chunks == 1 { return min(total, downstream) }
    return min(total, 2 * downstream + (chunks - 1) * min(groupSize(ranks: ranks), total))
  }

  /// Microbatches that a chunk takes before the next chunk has its turn.
  func groupSize(ranks: Int) -> Int {
    if case .interleaved(let groupSize?) = self { groupSize } else { ranks }
  }
}

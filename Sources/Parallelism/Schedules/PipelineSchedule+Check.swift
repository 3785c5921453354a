extension PipelineSchedule {
  /// Refuses numbers of ranks, chunks and microbatches that the schedule cannot run.
  func check(ranks: Int, chunks: Int, microbatches: Int) throws(ScheduleError) {
    let counts = [
      ("pipeline ranks", ranks), ("chunks per rank", chunks), ("microbatches", microbatches),
      ("microbatches per group", groupSize(ranks: ranks)),
    ]
    for (name, count) in counts where count < 1 {
      throw .notPositive(name: name, count: count)
    }
    try checkSize(ranks: ranks, chunks: chunks, microbatches: microbatches)
    switch self {
    case .forwardOnly, .breadthFirst:
      return
    case .interleaved where chunks == 1, .interleavedZeroBubble where chunks == 1:
      throw .needsChunks(schedule: self)
    case .oneForwardOneBackward, .zeroBubbleH1:
      if chunks == 1 { return }
      try checkInterleaving(ranks: ranks, chunks: chunks, microbatches: microbatches)
    case .interleaved, .interleavedZeroBubble:
      try checkInterleaving(ranks: ranks, chunks: chunks, microbatches: microbatches)
    case .gpipe, .zeroBubbleH2:
      if chunks > 1 { throw .takesOneChunk(schedule: self, chunks: chunks) }
    case .written(let order):
      try order.check(ranks: ranks, chunks: chunks, microbatches: microbatches)
    case .zeroBubbleV, .vHalf, .vMin, .dualPipeV:
      if chunks != 2 { throw .takesTwoChunks(schedule: self, chunks: chunks) }
    case .dualPipe, .chimera:
      if chunks > 1 { throw .takesOneChunk(schedule: self, chunks: chunks) }
      if ranks % 2 != 0 { throw .needsEvenRanks(schedule: self, ranks: ranks) }
    }
    try checkMicrobatches(ranks: ranks, microbatches: microbatches)
  }

  /// The schedules that fill a pipeline from both ends need microbatches for both.
  private func checkMicrobatches(ranks: Int, microbatches: Int) throws(ScheduleError) {
    switch self {
    case .dualPipe, .dualPipeV:
      if microbatches < 2 * ranks {
        throw .tooFewMicrobatches(
          schedule: self, microbatches: microbatches, ranks: ranks, minimum: 2 * ranks)
      }
      if self == .dualPipe, microbatches % 2 != 0 {
        throw .needsEvenMicrobatches(schedule: self, microbatches: microbatches)
      }
    case .chimera where microbatches != ranks:
      throw .needsMicrobatchPerRank(schedule: self, microbatches: microbatches, ranks: ranks)
    default: return
    }
  }

  /// An order is kept whole in memory; a number with digits too many should not fill it.
  private func checkSize(ranks: Int, chunks: Int, microbatches: Int) throws(ScheduleError) {
    let slots = saturatingProduct([ranks, chunks, microbatches])
    if slots > ScheduleError.mostSlots {
      throw .tooLarge(ranks: ranks, chunks: chunks, microbatches: microbatches)
    }
  }

  /// Megatron overlaps a forward with the backward of another microbatch in 1F1B orders, over a
  /// pipeline only if it is interleaved.
  func checkOverlap(ranks: Int, chunks: Int) throws(ScheduleError) {
    switch self {
    case .oneForwardOneBackward, .interleaved:
      if ranks > 1, chunks == 1 { throw .overlapNeedsChunks(ranks: ranks) }
    // These orders pair a forward with a backward by themselves.
    case .dualPipe, .dualPipeV, .written: return
    default:
      throw .cannotOverlap(schedule: self)
    }
  }

  /// Megatron's rules: at least two ranks, groups of at least one microbatch per rank, and a last
  /// group that is full or still has a microbatch for every rank.
  private func checkInterleaving(ranks: Int, chunks: Int, microbatches: Int) throws(ScheduleError) {
    if ranks == 1 { throw .needsRanks(schedule: self, chunks: chunks) }
    let groupSize = self.groupSize(ranks: ranks)
    if groupSize < ranks { throw .groupTooSmall(groupSize: groupSize, ranks: ranks) }
    let last = microbatches % groupSize
    if last != 0, last < ranks {
      throw .lastGroupTooShort(microbatches: microbatches, groupSize: groupSize, ranks: ranks)
    }
  }
}

extension PipelineOrder {
  /// Refuses to run in another pipeline than the order was written for, or without gradients.
  fileprivate func check(ranks: Int, chunks: Int, microbatches: Int) throws(ScheduleError) {
    guard self.ranks == ranks, stages == ranks * chunks, self.microbatches == microbatches else {
      throw .writtenForOther(
        order: [self.ranks, stages / self.ranks, self.microbatches],
        step: [ranks, chunks, microbatches])
    }
    guard slots.contains(where: { $0.contains { $0.pass != .forward } }) else {
      throw .writtenWithoutGradients
    }
  }
}

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
    if self == .forwardOnly { return }
    if self == .gpipe {
      if chunks > 1 { throw .takesOneChunk(schedule: self, chunks: chunks) }
      return
    }
    if chunks == 1 {
      if case .interleaved = self { throw .needsChunks(schedule: self) }
      return
    }
    try checkInterleaving(ranks: ranks, chunks: chunks, microbatches: microbatches)
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

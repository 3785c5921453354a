/// DualPipeV: the V half of DualPipe, each steady slot a forward and a backward side by side.
///
/// - SeeAlso: deepseek-ai/DualPipe, `dualpipev.py`; PyTorch
///   `torch.distributed.pipelining.ScheduleDualPipeV`.
struct DualPipeV {
  let ranks: Int
  let microbatches: Int

  func slots(rank: Int) -> [Slot] {
    var row = CountedSlots()
    let downstream = ranks - rank - 1
    for _ in 0..<2 * downstream { row.forward(0) }
    for _ in 0...rank {
      row.forward(0)
      row.forward(1)
    }
    for _ in 0..<downstream {
      row.splitBackward(1)
      row.forward(1)
    }
    for turn in 0..<microbatches - 2 * ranks + rank + 1 {
      if turn == 0, downstream == 0 {
        // In the V's turn the two chunks of the first pair depend on each other; apart they are faster.
        row.forward(0)
        row.backward(1)
      } else {
        row.pair(forward: 0, backward: 1)
      }
      row.pair(forward: 1, backward: 0)
    }
    for _ in 0..<downstream {
      row.backward(1)
      row.pair(forward: 1, backward: 0)
    }
    drain(&row, rank: rank)
    return row.slots
  }

  /// The last backwards: the first half whole, the second split so that gradients leave early.
  private func drain(_ row: inout CountedSlots, rank: Int) {
    let turns = rank + 1
    for turn in 0..<turns {
      let half = turns / 2
      let splitsFirst = rank % 2 == 1 ? turn >= half : turn > half
      let splitsSecond = turn >= half
      if splitsFirst { row.inputGradient(1) } else { row.backward(1) }
      if splitsSecond { row.inputGradient(0) } else { row.backward(0) }
    }
    for _ in 0..<ranks - rank - 1 {
      row.weightGradient()
      row.inputGradient(0)
    }
    for _ in 0..<turns { row.weightGradient() }
  }
}

/// DualPipe: two copies of the model, microbatches enter from both ends.
///
/// A rank and its mirror image run as DualPipeV's rank over half the ranks and half the microbatches,
/// each with the roles of the copies exchanged.
///
/// - SeeAlso: DeepSeek-AI, "DeepSeek-V3 Technical Report", 2024; deepseek-ai/DualPipe, `dualpipe.py`.
struct DualPipe {
  let ranks: Int
  let microbatches: Int

  func slots(rank: Int) -> [Slot] {
    let folded = DualPipeV(ranks: ranks / 2, microbatches: microbatches / 2)
    let isMirrored = rank >= ranks / 2
    return folded.slots(rank: isMirrored ? ranks - 1 - rank : rank).map { slot in
      let copy = isMirrored ? 1 - slot.chunk : slot.chunk
      return Slot(
        slot.pass, chunk: copy, microbatch: slot.microbatch + copy * microbatches / 2,
        pairsWithNext: slot.pairsWithNext)
    }
  }
}

/// ZB-V as PyTorch writes it: split backwards over a V, without a bubble inside the span of a rank
/// where all passes take the same time and there are at least `2p − 1` microbatches.
///
/// - SeeAlso: Qi et al., "Zero Bubble Pipeline Parallelism", 2023, section 6; PyTorch
///   `torch.distributed.pipelining.ScheduleZBVZeroBubble`.
struct ZeroBubbleV {
  let ranks: Int
  let microbatches: Int

  func slots(rank: Int) -> [Slot] {
    // The rule fills the pipeline; of a shorter step, what has no microbatch drops out.
    let count = max(2 * ranks - 1, microbatches)
    var row = CountedSlots()
    for _ in 0..<2 * (ranks - rank) - 1 { row.forward(0) }
    for _ in 0..<rank {
      row.forward(1)
      row.forward(0)
    }
    for _ in 0..<ranks - rank {
      row.forward(1)
      row.splitBackward(1)
    }
    while row.forwards(of: 1) < count {
      if row.forwards(of: 0) < count { row.forward(0) }
      row.splitBackward(0)
      row.forward(1)
      row.splitBackward(1)
    }
    for _ in 0..<rank {
      row.inputGradient(0)
      row.inputGradient(1)
    }
    for _ in 0..<ranks - rank {
      row.inputGradient(0)
      row.weightGradient(of: 0)
    }
    row.weightGradients(of: 1)
    row.weightGradients(of: 0)
    return row.slots.filter { $0.microbatch < microbatches }
  }
}

/// Chimera with as many microbatches as ranks: two 1F1B pipelines in opposite directions, each in
/// the gaps of the other.
///
/// On a grid of unit slots, stage `s` of `p` forwards the `i`-th microbatch of its copy at
/// `s + 2i` and runs its backward at `2p − 1 − s + 2i`; with even `p` no two meet on a rank.
///
/// - SeeAlso: Li and Hoefler, "Chimera", SC 2021; Shigangli/Chimera, `chimera_pipeline_rank.py`.
struct Chimera {
  let ranks: Int

  func slots(rank: Int) -> [Slot] {
    let half = ranks / 2
    let timed = (0..<2).flatMap { copy in
      let stage = copy == 0 ? rank : ranks - 1 - rank
      return (0..<half).flatMap { index in
        let microbatch = index + copy * half
        return [
          (stage + 2 * index, Slot(.forward, chunk: copy, microbatch: microbatch)),
          (2 * ranks - 1 - stage + 2 * index, Slot(.backward, chunk: copy, microbatch: microbatch)),
        ]
      }
    }
    return timed.sorted { $0.0 < $1.0 }.map(\.1)
  }
}

/// When the forward and input-gradient slots of a periodic schedule want to run: the next microbatch
/// repeats what this one did, one period later. Only the order of these wishes counts.
struct SlotRhythm {
  let period: Double
  /// The wish of microbatch 0 by rank and chunk.
  let forward: [[Double]]
  let gradient: [[Double]]

  /// One chunk per rank: `warmUp[rank]` forwards, then gradient and forward in turn.
  init(alternatingAfter warmUp: [Int]) {
    period = 2
    forward = warmUp.map { [Double(1 - $0)] }
    gradient = warmUp.map { [Double($0)] }
  }

  /// A microbatch that goes down a V, up, and back the same way, with a pace per leg (the distance
  /// between neighbouring ranks) and a distance at each of the three turns, in units of one pass.
  ///
  /// The activations that a rank keeps are proportional to the time between forward and gradient, so
  /// slow legs buy fewer stalls with memory.
  ///
  /// - SeeAlso: Qi et al., "Pipeline Parallelism with Controllable Memory", 2024, building blocks.
  init(ranks: Int, paces: [Int], turns: [Int], period: Int = 6) {
    precondition(paces.count == 4 && turns.count == 3, "a V is walked in four legs")
    let last = ranks - 1
    let secondLeg = paces[0] * last + turns[0]
    let thirdLeg = secondLeg + paces[1] * last + turns[1]
    let fourthLeg = thirdLeg + paces[2] * last + turns[2]
    self.period = Double(period)
    forward = (0..<ranks).map {
      [Double(paces[0] * $0), Double(secondLeg + paces[1] * (last - $0))]
    }
    gradient = (0..<ranks).map {
      [Double(fourthLeg + paces[3] * (last - $0)), Double(thirdLeg + paces[2] * $0)]
    }
  }

  /// One microbatch after the other through a V: slow, but possible in the least memory.
  init(sequentialOver ranks: Int) {
    self.init(
      ranks: ranks, paces: [1, 1, 1, 1], turns: [1, 1, 1], period: 4 * ranks + 4)
  }
}

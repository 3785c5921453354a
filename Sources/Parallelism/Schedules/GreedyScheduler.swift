/// Makes an order with split backwards: forwards and input gradients in a rhythm, weight gradients in
/// the gaps, never more activations than a limit.
///
/// It is list scheduling over time: of what could start next, the earliest runs. A rank departs from
/// its rhythm only for a slot that ends before the rhythm's own could begin. Weight gradients run when
/// they fit whole into a gap, when memory needs them, or at the end.
struct GreedyScheduler {
  /// Which slots may run before the rhythm's next one.
  enum Freedom { case none, later, all }

  /// A stream of slots of one rank: all microbatches of one chunk and pass.
  private struct Queue {
    let pass: Pass
    let chunk: Int
  }

  private struct Candidate {
    let start: Double
    /// How many slots of the rhythm it overtakes.
    let overtaken: Int
    let queue: Int
  }

  private let ranks, chunks, microbatches: Int
  private let placement: PipelinePlacement
  private let rhythm: SlotRhythm
  private let times: PassTimes
  private let limit: Int
  private let freedom: Freedom
  private let queues: [Queue]

  private var rows: [[Slot]]
  private var clock: [Double]
  private var held: [Int]
  private var served: [[Int]]
  /// By rank, the input gradients whose weights still wait: `rows` of weight gradients and how many
  /// of them have run.
  private var weights: [[Slot]]
  private var weightsDone: [Int]
  /// By stage and microbatch.
  private var forwardEnds: [Double?]
  private var gradientEnds: [Double?]

  /// - Parameter limit: the most activations of a chunk that a rank keeps until their weight gradient.
  init(
    ranks: Int, microbatches: Int, placement: PipelinePlacement, rhythm: SlotRhythm,
    times: PassTimes, limit: Int, freedom: Freedom
  ) {
    self.ranks = ranks
    self.microbatches = microbatches
    self.placement = placement
    self.rhythm = rhythm
    self.times = times
    self.limit = limit
    self.freedom = freedom
    chunks = placement == .v ? 2 : 1
    queues =
      (0..<chunks).map { Queue(pass: .forward, chunk: $0) }
      + (0..<chunks).reversed().map { Queue(pass: .inputGradient, chunk: $0) }
    rows = [[Slot]](repeating: [], count: ranks)
    clock = [Double](repeating: 0, count: ranks)
    held = [Int](repeating: 0, count: ranks)
    served = [[Int]](repeating: [Int](repeating: 0, count: 2 * chunks), count: ranks)
    weights = rows
    weightsDone = held
    forwardEnds = [Double?](repeating: nil, count: ranks * chunks * microbatches)
    gradientEnds = forwardEnds
  }

  /// The order, or nil if memory blocks the rhythm.
  mutating func order() -> PipelineOrder? {
    var candidates = (0..<ranks).map(candidate)
    for _ in 0..<ranks * microbatches * queues.count {
      var earliest: (rank: Int, candidate: Candidate)?
      for rank in 0..<ranks {
        guard let candidate = candidates[rank] else { continue }
        if let best = earliest?.candidate,
          (best.start, best.overtaken) <= (candidate.start, candidate.overtaken)
        {
          continue
        }
        earliest = (rank, candidate)
      }
      guard let (rank, candidate) = earliest else { return nil }
      let target = run(candidate, on: rank)
      candidates[rank] = self.candidate(rank)
      if let target, target != rank { candidates[target] = self.candidate(target) }
    }
    for rank in 0..<ranks {
      while weightsDone[rank] < weights[rank].count { runWeightGradient(on: rank) }
    }
    return PipelineOrder(
      ranks: ranks, chunks: chunks, microbatches: microbatches, placement: placement, slots: rows)
  }

  /// What a rank would do next, or nil while it can only wait.
  private func candidate(_ rank: Int) -> Candidate? {
    let waiting = queues.indices.filter { served[rank][$0] < microbatches }
      .map { (wish: wish(rank, $0), queue: $0) }
      .sorted { ($0.wish, $0.queue) < ($1.wish, $1.queue) }
    guard let due = waiting.first else { return nil }
    let dueStart = readyTime(rank, due.queue).map { max($0, clock[rank]) }
    var best: Candidate?
    if let dueStart, hasRoom(rank, due.queue, reserve: 0) {
      best = Candidate(start: dueStart, overtaken: 0, queue: due.queue)
    }
    if freedom == .none { return best }
    for (place, (_, queue)) in waiting.enumerated().dropFirst() {
      // A first forward taken early must leave room for a second, or nothing could ever return.
      let isEntry = queue == 0
      if isEntry, freedom == .later { continue }
      guard hasRoom(rank, queue, reserve: isEntry ? 1 : 0), let ready = readyTime(rank, queue)
      else { continue }
      let start = max(ready, clock[rank])
      if let dueStart, start + times.duration(of: queues[queue].pass) > dueStart { continue }
      if let best, best.start <= start { continue }
      best = Candidate(start: start, overtaken: place, queue: queue)
    }
    return best
  }

  private func wish(_ rank: Int, _ queue: Int) -> Double {
    let chunk = queues[queue].chunk
    let first =
      queues[queue].pass == .forward ? rhythm.forward[rank][chunk] : rhythm.gradient[rank][chunk]
    return first + rhythm.period * Double(served[rank][queue])
  }

  /// Whether a forward fits into memory once every waiting weight gradient has run.
  private func hasRoom(_ rank: Int, _ queue: Int, reserve: Int) -> Bool {
    guard queues[queue].pass == .forward else { return true }
    return held[rank] - (weights[rank].count - weightsDone[rank]) + 1 + reserve <= limit
  }

  /// When the inputs of a queue's next slot have arrived, or nil while that is not known.
  private func readyTime(_ rank: Int, _ queue: Int) -> Double? {
    let microbatch = served[rank][queue]
    let stage = placement.stage(rank: rank, chunk: queues[queue].chunk, ranks: ranks)
    func arrival(_ ends: [Double?], from source: Int) -> Double? {
      let home = placement.home(ofStage: source, copy: 0, ranks: ranks).rank
      return ends[source * microbatches + microbatch].map {
        home == rank ? $0 : $0 + times.latency
      }
    }
    if queues[queue].pass == .forward {
      return stage == 0 ? 0 : arrival(forwardEnds, from: stage - 1)
    }
    guard let own = arrival(forwardEnds, from: stage) else { return nil }
    if stage == ranks * chunks - 1 { return own }
    return arrival(gradientEnds, from: stage + 1).map { max($0, own) }
  }

  /// Runs a slot, before it the weight gradients for which there is time or which it needs out of
  /// memory; returns the rank that the result goes to.
  private mutating func run(_ candidate: Candidate, on rank: Int) -> Int? {
    let queue = queues[candidate.queue]
    while weightsDone[rank] < weights[rank].count,
      clock[rank] + times.weightGradient <= candidate.start
        || (queue.pass == .forward && held[rank] >= limit)
    {
      runWeightGradient(on: rank)
    }
    let microbatch = served[rank][candidate.queue]
    let stage = placement.stage(rank: rank, chunk: queue.chunk, ranks: ranks)
    clock[rank] = max(clock[rank], candidate.start) + times.duration(of: queue.pass)
    rows[rank].append(Slot(queue.pass, chunk: queue.chunk, microbatch: microbatch))
    served[rank][candidate.queue] += 1
    let target: Int
    if queue.pass == .forward {
      forwardEnds[stage * microbatches + microbatch] = clock[rank]
      held[rank] += 1
      target = stage + 1
    } else {
      gradientEnds[stage * microbatches + microbatch] = clock[rank]
      weights[rank].append(Slot(.weightGradient, chunk: queue.chunk, microbatch: microbatch))
      target = stage - 1
    }
    guard (0..<ranks * chunks).contains(target) else { return nil }
    return placement.home(ofStage: target, copy: 0, ranks: ranks).rank
  }

  private mutating func runWeightGradient(on rank: Int) {
    rows[rank].append(weights[rank][weightsDone[rank]])
    weightsDone[rank] += 1
    clock[rank] += times.weightGradient
    held[rank] -= 1
  }
}

import Parallelism

/// What `stepcast schedule --json` prints. The names are a promise; times are in the unit given.
struct ScheduleJSON: Encodable {
  let schedule: String
  let ranks: Int
  let stages: Int
  let microbatches: Int
  /// `loop`, `v` or `bidirectional`.
  let placement: String
  let orders: [[String]]
  let makespan: Double
  let maxRankSpan: Double
  let busyPerRank: [Double]
  let bubbleFractionOfMakespan: Double
  let bubbleOverIdeal: Double
  let peakInFlightReleasedAtDgrad: [Int]
  let peakInFlightHeldUntilWgrad: [Int]

  init(_ report: ScheduleReport) {
    let order = report.order
    schedule = report.label
    ranks = order.ranks
    stages = order.stages
    microbatches = order.microbatches
    placement = String(describing: order.placement)
    orders = (0..<order.ranks).map(order.entries)
    makespan = report.replay.makespan
    maxRankSpan = report.replay.longestSpan
    busyPerRank = report.replay.busy
    bubbleFractionOfMakespan = report.replay.bubbleFractionOfMakespan
    bubbleOverIdeal = report.replay.bubbleOverIdeal
    peakInFlightReleasedAtDgrad = report.releasedPeaks
    peakInFlightHeldUntilWgrad = report.heldPeaks
  }
}

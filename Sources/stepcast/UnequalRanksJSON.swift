import Cost
import Estimation
import Simulation
import Units

/// What `--json` says about ranks that differ.
struct UnequalRanksJSON: Encodable {
  struct Samples: Encodable {
    let count: Int
    let p5Seconds: Double
    let p50Seconds: Double
    let p95Seconds: Double
    let p99Seconds: Double
    let meanSeconds: Double
  }

  let description: String
  let evenStepSeconds: Double
  let delaySeconds: Double
  /// Summed over ranks; the values add up to ranks times the delay.
  let addedSeconds: [String: Double]
  let reachRanks: [String: Int]
  let untouchedRanks: Int
  let seed: UInt64?
  let samples: Samples?

  init(_ unequal: UnequalRanks, of estimate: Estimate) {
    let radius = unequal.blastRadius
    description = estimate.variation.label
    delaySeconds = radius.delay.seconds.value
    evenStepSeconds = (estimate.timeline.makespan - radius.delay).seconds.value
    addedSeconds = Dictionary(
      uniqueKeysWithValues: radius.added.map { ($0.part.label, $0.span.seconds.value) })
    reachRanks = Dictionary(
      uniqueKeysWithValues: radius.reach.map { ($0.entry.label, $0.ranks) })
    untouchedRanks = radius.untouched
    seed = estimate.variation.jitter?.seed
    samples = unequal.monteCarlo.map(Samples.init)
  }
}

extension UnequalRanksJSON.Samples {
  init(_ samples: MonteCarlo) {
    count = samples.steps.count
    p5Seconds = samples.quantile(0.05).seconds.value
    p50Seconds = samples.quantile(0.5).seconds.value
    p95Seconds = samples.quantile(0.95).seconds.value
    p99Seconds = samples.quantile(0.99).seconds.value
    meanSeconds = samples.mean.value
  }
}

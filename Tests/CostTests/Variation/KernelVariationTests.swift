import Cost
import Foundation
import Testing
import Units

@Suite("kernels that vary")
struct KernelVariationTests {
  private func durations(_ variation: KernelVariation, operations: Int, ranks: Int) -> [Double] {
    (0..<operations).flatMap { operation in
      (0..<ranks).map {
        Double(variation.duration(1_000_000_000, ofOperation: operation, on: $0)) / 1e9
      }
    }
  }

  @Test("a factor of 1 adds nothing, whatever the duration")
  func identity() {
    let even = KernelVariation(
      slowness: [1], jitter: Jitter(kernel: 0, rank: 0, seed: 7), sample: 3)
    let durations: [Int64] = [0, 1, 999, 1 << 40, (1 << 53) + 1, .max / 4]
    for duration in durations {
      #expect(even.duration(duration, ofOperation: 5, on: 0) == duration)
    }
  }

  @Test("a known factor multiplies, rounded to the picosecond")
  func factor() {
    let slow = KernelVariation(slowness: [1.25, 0.5, 1.1])
    #expect(slow.duration(1000, ofOperation: 0, on: 0) == 1250)
    #expect(slow.duration(1001, ofOperation: 0, on: 1) == 501)
    #expect(slow.duration(1_000_003, ofOperation: 9, on: 2) == 1_100_003)
    for duration in Int64(0)..<2000 {
      let expected = Int64((Double(duration) * 1.25).rounded())
      #expect(abs(slow.duration(duration, ofOperation: 0, on: 0) - expected) <= 1)
    }
  }

  @Test("rounding by a shift is rounding to nearest, halves to even")
  func rounding() {
    for value in [0, 0.5, 1.5, 2.5, -0.5, -1.5, -2.4, 7.49, 1e15 + 0.5, -1e15 - 1.5] {
      #expect(nearest(value) == Int64(value.rounded(.toNearestOrEven)), "\(value)")
    }
  }

  @Test("kernel jitter has mean 1 and the deviation asked for", arguments: [0.01, 0.05, 0.3, 1])
  func moments(deviation: Double) {
    let variation = KernelVariation(
      slowness: [Double](repeating: 1, count: 64),
      jitter: Jitter(kernel: deviation, seed: 11))
    let factors = durations(variation, operations: 4000, ranks: 64)
    let logarithms = factors.map { log($0) }
    let count = Double(factors.count)
    let mean = logarithms.reduce(0, +) / count
    let variance = logarithms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    // Four standard errors of 256,000 draws.
    #expect(abs(factors.reduce(0, +) / count - 1) < 4 * deviation * exp(deviation) / 506)
    #expect(abs(mean + deviation * deviation / 2) < 4 * deviation / 506)
    #expect(abs(variance.squareRoot() / deviation - 1) < 4 / 715)
  }

  @Test("the slowest of n draws is what order statistics of the log-normal say")
  func orderStatistics() {
    // The mean of the largest of n standard normal variables: Teichroew, "Tables of expected values of
    // order statistics", Annals of Mathematical Statistics 27, 1956.
    for (n, expected) in [(2, 0.56419), (4, 1.02938), (8, 1.42360), (16, 1.76599)] {
      let variation = KernelVariation(
        slowness: [Double](repeating: 1, count: n), jitter: Jitter(kernel: 0.1, seed: 5))
      let trials = 40_000
      let sum = (0..<trials).reduce(0.0) { sum, operation in
        let slowest = (0..<n).map {
          variation.duration(1_000_000_000, ofOperation: operation, on: $0)
        }.max()
        return sum + (log(Double(slowest ?? 0) / 1e9) + 0.005) / 0.1
      }
      #expect(abs(sum / Double(trials) - expected) < 0.02, "\(n)")
    }
  }

  @Test("draws depend on seed, sample, operation and rank, and on nothing else")
  func addresses() {
    func variation(seed: UInt64, sample: Int) -> KernelVariation {
      KernelVariation(
        slowness: [1, 1, 1], jitter: Jitter(kernel: 0.1, rank: 0.1, seed: seed), sample: sample)
    }
    let one = variation(seed: 1, sample: 0)
    #expect(
      durations(one, operations: 9, ranks: 3).count
        == Set(
          durations(one, operations: 9, ranks: 3)
        ).count)
    #expect(one == variation(seed: 1, sample: 0))
    #expect(variation(seed: 1, sample: 4).resampled(9) == variation(seed: 1, sample: 9))
    #expect(
      durations(one, operations: 9, ranks: 3)
        != durations(variation(seed: 2, sample: 0), operations: 9, ranks: 3))
    #expect(
      durations(one, operations: 9, ranks: 3)
        != durations(variation(seed: 1, sample: 1), operations: 9, ranks: 3))
  }

  @Test("jitter per rank is one factor on all of its kernels")
  func rankJitter() {
    let variation = KernelVariation(
      slowness: [1, 2], jitter: Jitter(rank: 0.2, seed: 3))
    #expect(variation.scatter == nil)
    for rank in 0..<2 {
      let times = (0..<50).map { variation.duration(1 << 30, ofOperation: $0, on: rank) }
      #expect(Set(times).count == 1)
    }
    #expect(variation.factors[0] != 1)
    #expect(variation.factors[1] != 2)
  }

  @Test("a kernel beyond the exact range is refused")
  func tooLong() throws {
    let costs = StepCosts(durations: [Ticks(1 << 50)], offset: [0], isPerGroup: [false])
    _ = try costs.varying(KernelVariation(slowness: [1.9]))
    let error = #expect(throws: CostError.self) {
      try costs.varying(KernelVariation(slowness: [2]))
    }
    #expect(error?.description.contains("on the slowest rank") == true)
  }
}

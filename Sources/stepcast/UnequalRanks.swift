import Cost
import Estimation
import Foundation

/// What is known about a step beyond its estimate when its ranks differ.
struct UnequalRanks {
  let blastRadius: BlastRadius
  let monteCarlo: MonteCarlo?

  /// Nil where ranks are equal.
  ///
  /// - Throws: what playing the step throws.
  init?(_ estimate: Estimate, options: VariationOptions) async throws {
    guard !estimate.variation.isEven else { return nil }
    blastRadius = BlastRadius(estimate, against: try Estimate(estimate.scenario))
    guard let samples = options.samples else {
      monteCarlo = nil
      return
    }
    var bar = ProgressBar(total: samples, unit: "samples")
    defer { bar.finish() }
    monteCarlo = try await MonteCarlo(estimate, samples: samples, threads: options.threads) {
      bar.advance()
    }
  }
}

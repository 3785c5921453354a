import Foundation

/// Factors whose logarithm is normal, with mean 1: `exp(σ z − σ²/2)`.
struct LogNormal {
  /// Standard deviation of the logarithm.
  let deviation: Double

  /// The factor below which a draw lies with a probability.
  func quantile(_ probability: Double) -> Double {
    guard deviation > 0 else { return 1 }
    return exp(deviation * normalQuantile(probability) - deviation * deviation / 2)
  }

  /// The distribution as equally likely levels, drawn by 16 random bits: a step draws millions, and an
  /// exponential and a quantile for each would take ten times as long as playing it. The most extreme
  /// level lies 4.3 deviations out.
  var levels: [Double] {
    let count = 1 << 16
    return (0..<count).map { quantile((Double($0) + 0.5) / Double(count)) }
  }
}

import Foundation

/// How many tokens each expert is asked for, over the mean of all; the same in every layer and on every
/// data-parallel rank.
public struct ExpertLoad: Hashable, Sendable {
  /// By expert; the mean is 1.
  public let shares: [Double]

  /// - Precondition: some count is above zero and none is below.
  public init(tokens: [Double]) {
    let sum = tokens.reduce(0, +)
    precondition(sum > 0 && tokens.allSatisfy { $0 >= 0 }, "experts without a token")
    shares = tokens.map { $0 * Double(tokens.count) / sum }
  }

  /// The `i`-th most wanted expert gets tokens in proportion to `i^−s`; which is which is drawn.
  ///
  /// - SeeAlso: Zipf, "Human behavior and the principle of least effort", 1949.
  public static func zipf(_ exponent: Double, experts: Int, seed: UInt64 = 1) -> ExpertLoad {
    shuffled((1...experts).map { pow(Double($0), -exponent) }, seed: seed)
  }

  /// Loads whose number above `x` falls as `x^−a`: the quantiles of a Pareto distribution in drawn order.
  public static func powerLaw(_ exponent: Double, experts: Int, seed: UInt64 = 1) -> ExpertLoad {
    shuffled(
      (0..<experts).map { pow((Double($0) + 0.5) / Double(experts), -1 / exponent) }, seed: seed)
  }

  /// What each rank of an expert-parallel group gets, over the mean: ranks hold experts in order.
  ///
  /// - Precondition: the ranks divide the experts.
  public func ofRanks(_ ranks: Int) -> [Double] {
    let held = shares.count / ranks
    return (0..<ranks).map { rank in
      shares[(rank * held)..<((rank + 1) * held)].reduce(0, +) / Double(held)
    }
  }

  private static func shuffled(_ tokens: [Double], seed: UInt64) -> ExpertLoad {
    let key = CounterHash.bits(seed, at: 2)
    let order = tokens.indices.sorted {
      (CounterHash.bits(key, at: $0), $0) < (CounterHash.bits(key, at: $1), $1)
    }
    return ExpertLoad(tokens: order.map { tokens[$0] })
  }
}

import Foundation
import Units

/// Times on a logarithmic axis of some length, whose ends and ticks are round.
struct LogarithmicScale {
  /// Round times on the axis with their labels, in ascending order.
  let ticks: [(time: Seconds, label: String)]
  private let lowest: Double
  private let perDecade: Double

  /// - Parameters:
  ///   - times: what the axis spans; its ends are the nearest 1, 2 or 5 of a decade beyond.
  ///   - length: in points.
  init(_ times: [Seconds], length: Double) {
    let logarithms = times.map { log10($0.value) }
    let low = Self.rounded(logarithms.min() ?? 0, .down)
    let high = Self.rounded(max(logarithms.max() ?? 0, (logarithms.min() ?? 0) + 0.3), .up)
    lowest = low
    perDecade = length / (high - low)
    let steps = high - low > 3 ? [0] : Self.steps.dropLast()
    let decades = Int(low.rounded(.down))...Int(high.rounded(.up))
    ticks = decades.flatMap { decade in
      steps.map { Double(decade) + $0 }
        .filter { low - 1e-9 <= $0 && $0 <= high + 1e-9 }
        .map { (Seconds(pow(10, $0)), roundLabel($0)) }
    }
  }

  /// Points from the start of the axis.
  func place(_ time: Seconds) -> Double { (log10(time.value) - lowest) * perDecade }

  /// Points between a time and that many times it.
  func distance(of factor: Double) -> Double { log10(factor) * perDecade }

  /// 1, 2, 5 and 10 within a decade.
  private static let steps = [1.0, 2, 5, 10].map { log10($0) }

  private static func rounded(_ logarithm: Double, _ rule: FloatingPointRoundingRule) -> Double {
    let decade = logarithm.rounded(.down)
    let part = logarithm - decade
    let step =
      rule == .down
      ? steps.last { $0 <= part + 1e-9 } : steps.first { $0 >= part - 1e-9 }
    return decade + (step ?? 0)
  }
}

/// A round time without decimals, for example `20 µs`.
private func roundLabel(_ logarithm: Double) -> String {
  let units = [(0.0, "s"), (-3, "ms"), (-6, "µs"), (-9, "ns")]
  let unit = units.first { logarithm >= $0.0 - 1e-9 } ?? (-9, "ns")
  let amount = pow(10, logarithm - unit.0)
  return amount < 0.95
    ? "\(fixed(amount, 2)) \(unit.1)" : "\(grouped(Int(amount.rounded()))) \(unit.1)"
}

import Units

/// Whether predictions choose the right plan: over groups of rows that differ in the plan only.
public struct PlanRanking: Hashable, Sendable {
  /// One group with plans that took different times.
  public struct Group: Hashable, Sendable {
    public let name: String
    public let plans: Int
    /// Kendall's τ-b between predicted and measured times: 1 is the same order, −1 the opposite.
    public let tau: Double
    /// How much longer the plan that was predicted to be fastest took than the fastest one.
    public let regret: Double
  }

  /// In the order of their names.
  public let groups: [Group]

  /// - Parameter predictions: rows without a `rankingGroup` are left out.
  public init(_ predictions: [Prediction]) {
    var members: [String: [Prediction]] = [:]
    for prediction in predictions {
      if let name = prediction.rankingGroup { members[name, default: []].append(prediction) }
    }
    groups = members.keys.sorted().compactMap { name in
      let rows = members[name] ?? []
      guard Set(rows.map(\.measured)).count > 1,
        let chosen = rows.min(by: { $0.predicted < $1.predicted }),
        let best = rows.map(\.measured).min()
      else { return nil }
      return Group(
        name: name, plans: rows.count,
        tau: kendall(rows.map { ($0.predicted.value, $0.measured.value) }),
        regret: chosen.measured / best - 1)
    }
  }

  public var meanTau: Double? { mean(groups.map(\.tau)) }
  public var meanRegret: Double? { mean(groups.map(\.regret)) }
  public var worstRegret: Double? { groups.map(\.regret).max() }

  private func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}

/// Kendall's τ-b: concordant less discordant pairs, over the pairs that are not tied in one of the two.
///
/// Zero where one side is constant.
/// - Complexity: quadratic in the number of pairs.
func kendall(_ pairs: [(Double, Double)]) -> Double {
  var balance = 0.0
  var untied = (0.0, 0.0)
  for (index, a) in pairs.enumerated() {
    for b in pairs[..<index] {
      let left = sign(a.0 - b.0)
      let right = sign(a.1 - b.1)
      balance += left * right
      untied.0 += abs(left)
      untied.1 += abs(right)
    }
  }
  let scale = (untied.0 * untied.1).squareRoot()
  return scale > 0 ? balance / scale : 0
}

private func sign(_ value: Double) -> Double { value > 0 ? 1 : value < 0 ? -1 : 0 }

import Testing
import Units
import Validation

@Suite("Ranking of plans")
struct PlanRankingTests {
  /// Rows of one group, by predicted and measured seconds.
  private func ranking(_ pairs: [(predicted: Double, measured: Double)]) -> PlanRanking {
    PlanRanking(
      pairs.enumerated().map { index, pair in
        row("\(index)", pair.predicted, pair.measured, group: "g")
      })
  }

  private func row(
    _ id: String, _ predicted: Double, _ measured: Double, group: String?
  ) -> Prediction {
    Prediction(
      id: id, measured: Seconds(measured), predicted: Seconds(predicted), low: .zero,
      high: .zero, source: "", hardware: "", family: "", precision: "", rankingGroup: group)
  }

  @Test("τ of every order of five plans is one less four inversions over n(n − 1)")
  func permutations() throws {
    for order in permutations(of: [1.0, 2, 3, 4, 5]) {
      var inversions = 0
      for (place, later) in order.enumerated() {
        inversions += order[..<place].count { $0 > later }
      }
      let group = try #require(
        ranking(zip(order, [1.0, 2, 3, 4, 5]).map { ($0, $1) }).groups.first)
      #expect(abs(group.tau - (1 - 4 * Double(inversions) / 20)) < 1e-12, "\(order)")
      // The plan predicted to be fastest is where the 1 stands.
      let chosen = try #require(order.firstIndex(of: 1))
      #expect(abs(group.regret - Double(chosen)) < 1e-12, "\(order)")
    }
  }

  @Test("ties on either side count as τ-b has it (Kendall 1945; the example of scipy.stats)")
  func ties() throws {
    let group = try #require(
      ranking([(12, 1), (2, 4), (1, 7), (12, 1), (2, 0.5)]).groups.first)
    #expect(abs(group.tau + 0.471_404_520_791_031_6) < 1e-12)
  }

  @Test("τ-b is the number of agreements over the geometric mean of untied pairs")
  func definition() throws {
    var state: UInt64 = 0x5eed
    for size in 2...12 {
      let pairs = (0..<size).map { _ -> (predicted: Double, measured: Double) in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (Double((state >> 33) % 5 + 1), Double((state >> 40) % 5 + 1))
      }
      guard let group = ranking(pairs).groups.first else {
        #expect(Set(pairs.map(\.measured)).count == 1)
        continue
      }
      var (agree, disagree, tiedLeft, tiedRight) = (0, 0, 0, 0)
      for i in pairs.indices {
        for j in 0..<i {
          let product =
            (pairs[i].predicted - pairs[j].predicted) * (pairs[i].measured - pairs[j].measured)
          agree += product > 0 ? 1 : 0
          disagree += product < 0 ? 1 : 0
          tiedLeft += pairs[i].predicted == pairs[j].predicted ? 1 : 0
          tiedRight += pairs[i].measured == pairs[j].measured ? 1 : 0
        }
      }
      let all = size * (size - 1) / 2
      let scale = (Double(all - tiedLeft) * Double(all - tiedRight)).squareRoot()
      let expected = scale == 0 ? 0 : Double(agree - disagree) / scale
      #expect(abs(group.tau - expected) < 1e-12, "\(pairs)")
      #expect(group.regret >= 0 && group.plans == size)
    }
  }

  @Test("equal predictions rank nothing: τ is zero")
  func constant() throws {
    let group = try #require(ranking([(1, 1), (1, 2), (1, 3)]).groups.first)
    #expect(group.tau == 0)
  }

  @Test("groups need two times, rows without a group are left out, and means are over groups")
  func groups() {
    let ranking = PlanRanking([
      row("a", 1, 1, group: "b"), row("b", 2, 3, group: "b"),
      row("c", 2, 1, group: "a"), row("d", 1, 1.5, group: "a"),
      row("e", 1, 1, group: "alone"), row("f", 1, 2, group: nil),
      row("g", 1, 2, group: "equal"), row("h", 3, 2, group: "equal"),
    ])
    #expect(ranking.groups.map(\.name) == ["a", "b"])
    #expect(ranking.groups.map(\.tau) == [-1, 1])
    #expect(ranking.meanTau == 0)
    #expect(ranking.worstRegret == 0.5)
    #expect(ranking.meanRegret == 0.25)
    let none = PlanRanking([])
    #expect(none.meanTau == nil && none.meanRegret == nil && none.worstRegret == nil)
  }

  private func permutations(of values: [Double]) -> [[Double]] {
    guard let first = values.first else { return [[]] }
    return permutations(of: Array(values.dropFirst())).flatMap { rest in
      (0...rest.count).map { Array(rest[..<$0]) + [first] + Array(rest[$0...]) }
    }
  }
}

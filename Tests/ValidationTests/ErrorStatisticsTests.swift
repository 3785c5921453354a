import Testing
import Validation

@Suite("Error statistics")
struct ErrorStatisticsTests {
  @Test("quantiles are those of the absolute errors, and the bias keeps signs")
  func quantiles() {
    let statistics = ErrorStatistics([-0.5, 0.1, 0.2, -0.3, 0.4])
    #expect(statistics.count == 5)
    #expect(abs((statistics.signed ?? 1) + 0.02) < 1e-12)
    #expect(statistics.signedMedian == 0.1)
    #expect(abs((statistics.mean ?? 0) - 0.3) < 1e-12)
    #expect(statistics.median == 0.3)
    #expect(abs((statistics.p90 ?? 0) - 0.46) < 1e-12)
    #expect(statistics.worst == 0.5)
  }

  @Test("one error is every statistic, and none is no statistic")
  func few() {
    let one = ErrorStatistics([-0.25])
    #expect(one.signed == -0.25)
    #expect([one.mean, one.median, one.p90, one.worst] == [0.25, 0.25, 0.25, 0.25])
    let none = ErrorStatistics([])
    #expect([none.signed, none.mean, none.median, none.p90, none.worst].allSatisfy { $0 == nil })
  }

  @Test("groups come in the order of their names, and unnamed elements in none")
  func groups() {
    let errors = [("b", 0.1), ("a", 0.2), ("b", -0.3), ("", 0.9)]
    let groups = ErrorGroup.groups(of: errors) {
      $0.0.isEmpty ? nil : $0.0
    } error: {
      $0.1
    }
    #expect(groups.map(\.name) == ["a", "b"])
    #expect(groups.map(\.statistics.errors) == [[0.2], [0.1, -0.3]])
  }
}

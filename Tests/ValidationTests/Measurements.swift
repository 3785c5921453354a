import Foundation
import TestSupport
import Units
import Validation

/// What tests compare: the rows of a table, their prices and their refusals.
struct Measurements {
  struct Priced {
    let id: String
    let family: String
    let hardware: String
    let price: Price
    let error: Double
  }

  private(set) var priced: [Priced] = []
  private(set) var refused: [(id: String, reason: String)] = []

  init(kernels data: Data) throws {
    let table = try CSVTable(parsing: data, file: "kernels.csv", requiring: KernelRow.columns)
    for row in table.rows.map(KernelRow.init) {
      take(row.id, row.family, row.hardware) { () throws(RowRefusal) in
        (try row.price(), try row.measured().value)
      }
    }
  }

  init(collectives data: Data, where isWanted: (CollectiveRow) -> Bool = { _ in true }) throws {
    let table = try CSVTable(
      parsing: data, file: "collectives.csv", requiring: CollectiveRow.columns)
    for row in table.rows.map(CollectiveRow.init) where isWanted(row) {
      take(row.id, row.family, row.hardware) { () throws(RowRefusal) in
        (try row.price(), try row.measured().value)
      }
    }
  }

  private mutating func take(
    _ id: String, _ family: String, _ hardware: String,
    _ price: () throws(RowRefusal) -> (Price, Double)
  ) {
    do throws(RowRefusal) {
      let (price, measured) = try price()
      priced.append(
        Priced(
          id: id, family: family, hardware: hardware, price: price,
          error: price.time.value / measured - 1))
    } catch {
      refused.append((id, error.description))
    }
  }

  func statistics(_ isWanted: (Priced) -> Bool = { _ in true }) -> ErrorStatistics {
    ErrorStatistics(priced.filter(isWanted).map(\.error))
  }

  /// A line per group, for a golden file.
  func report(by name: (Priced) -> String) -> String {
    let groups = ErrorGroup.groups(of: priced, by: name, error: \.error)
    let all = ErrorGroup(name: "all", statistics: statistics())
    let lines = (groups + [all]).map { group in
      let statistics = group.statistics
      let numbers = [
        statistics.median, statistics.p90, statistics.mean, statistics.signed,
        statistics.signedMedian,
      ].map { String(format: "%+.1f", 100 * ($0 ?? 0)) }
      return "\(group.name): \(statistics.count) rows, median \(numbers[0]), p90 \(numbers[1]), "
        + "mean \(numbers[2]), bias \(numbers[3]), median bias \(numbers[4]) %"
    }
    let reasons = Dictionary(grouping: refused, by: \.reason).sorted { $0.key < $1.key }
      .map { "refused \($0.value.count): \($0.key)" }
    return (lines + reasons).joined(separator: "\n") + "\n"
  }
}

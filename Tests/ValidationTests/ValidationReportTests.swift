import Foundation
import Testing
import Units
import Validation

@Suite("Validation reports")
struct ValidationReportTests {
  private func table(_ text: String) throws -> CSVTable {
    try CSVTable(parsing: Array(text.utf8), file: "rows.csv")
  }

  /// Predicts the cell `predicted` for the cell `measured`, within a tenth.
  private static func predict(_ row: CSVRow) throws -> Prediction {
    guard let measured = Double(row["measured"]), let predicted = Double(row["predicted"]) else {
      throw RowRefusal.missing(column: "measured")
    }
    return Prediction(
      id: row["id"], measured: Seconds(measured), predicted: Seconds(predicted),
      low: Seconds(0.9 * predicted), high: Seconds(1.1 * predicted), source: row["source"],
      hardware: "", family: "", precision: "")
  }

  private static let rows = """
    id,measured,predicted,source
    a,1,1,x
    b,2,3,y
    ,no,3,y
    d,2,2.1,x
    d,,1,x
    d,,2,x
    e,1,1.1,y
    """

  @Test("the report of the published kernels is the same on one, two, four and a hundred threads")
  func threads() async throws {
    let data = try Data(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Published/kernels.csv"))
    let table = try CSVTable(parsing: data, file: "kernels.csv")
    let predict: @Sendable (CSVRow) throws -> Prediction = { cells in
      let row = KernelRow(cells)
      let price = try row.price()
      return Prediction(
        id: row.id, measured: try row.measured(), predicted: price.time, low: price.low,
        high: price.high, source: row.source, hardware: row.hardware, family: row.family,
        precision: row.precision)
    }
    let alone = await ValidationReport(of: table, threads: 1, predict: predict)
    #expect(alone.predictions.count == table.rows.count)
    for threads in [2, 4, 100] {
      #expect(await ValidationReport(of: table, threads: threads, predict: predict) == alone)
    }
  }

  @Test("every row is priced or listed with its reason, in the order of the table")
  func everyRow() async throws {
    var calls = 0
    let report = await ValidationReport(
      of: try table(Self.rows), threads: 3, progress: { calls += 1 }, predict: Self.predict)
    #expect(report.rows == 7 && calls == 7)
    #expect(report.predictions.map(\.id) == ["a", "b", "d", "e"])
    #expect(report.refused.map(\.id) == ["line 4", "d", "d, line 7"])
    #expect(
      report.refused.allSatisfy { $0.reason == "measured: the cell is empty and has no default" })
    #expect(report.rows == report.predictions.count + report.refused.count)
  }

  @Test("coverage is the share of measurements between the bounds, the bounds included")
  func coverage() async throws {
    let report = await ValidationReport(of: try table(Self.rows), predict: Self.predict)
    // b is 50 % off; a, d and e are within 10 % of the prediction.
    #expect(report.coverage == 0.75)
    let none = await ValidationReport(of: try table("id\n"), predict: Self.predict)
    #expect(none.coverage == nil && none.rows == 0)
    #expect(none.statistics.count == 0 && none.ranking.groups.isEmpty)
  }

  @Test("errors are predicted over measured less one, and groups split them")
  func errors() async throws {
    let report = await ValidationReport(of: try table(Self.rows), predict: Self.predict)
    let errors = report.statistics.errors
    #expect(zip(errors, [0, 0.5, 0.05, 0.1]).allSatisfy { abs($0 - $1) < 1e-12 })
    let groups = report.groups(by: \.source)
    #expect(groups.map(\.name) == ["x", "y"])
    #expect(groups.map(\.statistics.count) == [2, 2])
  }
}

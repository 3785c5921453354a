import Foundation
import TestSupport
import Testing

@Suite("validate holds predictions against tables") struct ValidateTests {
  /// A workplace with the tables of published measurements that the project quotes.
  private func workplace() throws -> Workplace {
    let workplace = try Workplace()
    for name in ["steps", "kernels", "collectives"] {
      try workplace.write(
        try String(
          contentsOf: SharedData.repository.appending(
            path: "Tests/ValidationTests/Published/\(name).csv"), encoding: .utf8),
        to: "\(name).csv")
    }
    return workplace
  }

  private static let mixed = """
    id,kernel,gpu,dtype,m,n,k,time_us
    good,gemm,H100-SXM,bf16,4096,4096,4096,220
    word,gemm,H100-SXM,bf16,many,4096,4096,220
    zero,gemm,H100-SXM,bf16,4096,4096,4096,0
    blank,gemm,H100-SXM,bf16,,4096,4096,220
    alien,gemm,MI300X,bf16,4096,4096,4096,220
    ,convolution,H100-SXM,bf16,4096,4096,4096,220

    """

  @Test(
    "the report of the published rows reads as reviewed",
    arguments: ["steps", "kernels", "collectives"])
  func report(table: String) throws {
    let workplace = try workplace()
    let line = "validate \(table) \(table).csv"
    let command = try Command.run(line, in: workplace.folder)
    #expect(command.status == 0 && command.errors.isEmpty)
    let text = "$ stepcast \(line)\n\(command.output)"
    #expect(try text == Golden.reviewed("validate-\(table).txt", found: text))
  }

  @Test("a row that cannot be priced is listed with its reason, and the others are priced")
  func badRows() throws {
    let workplace = try workplace()
    try workplace.write(Self.mixed, to: "mixed.csv")
    let line = "validate kernels mixed.csv"
    let command = try Command.run(line, in: workplace.folder)
    #expect(command.status == 0)
    let text = "$ stepcast \(line)\n\(command.output)"
    #expect(try text == Golden.reviewed("validate-mixed.txt", found: text))
  }

  @Test("--json keeps its promised names, and every row is in it")
  func json() throws {
    let workplace = try workplace()
    try workplace.write(Self.mixed, to: "mixed.csv")
    let object = try Command.object("validate kernels mixed.csv --json", in: workplace.folder)
    #expect(
      object.keys.sorted() == [
        "by_family", "by_hardware", "by_precision", "by_source", "coverage", "predictions",
        "priced", "ranking", "refused", "rows", "statistics",
      ])
    #expect(object["rows"] as? Int == 6 && object["priced"] as? Int == 1)
    let refused = try #require(object["refused"] as? [String: String])
    #expect(refused.keys.sorted() == ["alien", "blank", "line 7", "word", "zero"])
    let predictions = try #require(object["predictions"] as? [[String: Any]])
    let row = try #require(predictions.first)
    #expect(
      row.keys.sorted() == [
        "error", "high_seconds", "id", "low_seconds", "measured_seconds", "predicted_seconds",
      ])
    let measured = try #require(row["measured_seconds"] as? Double)
    let predicted = try #require(row["predicted_seconds"] as? Double)
    #expect(measured == 220e-6)
    #expect(abs((row["error"] as? Double ?? .nan) - (predicted / measured - 1)) < 1e-12)
    let statistics = try #require(object["statistics"] as? [String: Any])
    #expect(
      statistics.keys.sorted() == [
        "count", "mean", "median", "p90", "signed_mean", "signed_median", "worst",
      ])
    #expect((object["ranking"] as? [String: Any])?["groups"] as? Int == 0)
  }

  @Test("the number of threads changes nothing")
  func threads() throws {
    let workplace = try workplace()
    let answers = try [1, 2, 4].map {
      try Command.run(
        "validate collectives collectives.csv --json --threads \($0)", in: workplace.folder
      )
      .output
    }
    #expect(answers[0] == answers[1] && answers[0] == answers[2])
  }

  @Test("-o writes the report and, beside it, a picture with a point per priced row")
  func output() throws {
    let workplace = try workplace()
    let line = "validate kernels kernels.csv -o accuracy.md"
    let command = try Command.run(line, in: workplace.folder)
    #expect(command.status == 0)
    let report = try String(
      contentsOf: workplace.folder.appending(path: "accuracy.md"), encoding: .utf8)
    #expect(report.hasPrefix("# Predicted against measured kernels\n"))
    #expect(report.contains("![Predicted against measured](accuracy.svg)"))
    let picture = try String(
      contentsOf: workplace.folder.appending(path: "accuracy.svg"), encoding: .utf8)
    #expect(picture.components(separatedBy: "class=\"node point\"").count - 1 == 55)
    #expect(picture.contains(">100 µs<"))
  }

  @Test("a table of which no row is priced still gives a report and a picture")
  func nothingPriced() throws {
    let workplace = try workplace()
    try workplace.write("kernel,gpu,time_us\ngemm,MI300X,3\n", to: "alien.csv")
    let command = try Command.run("validate kernels alien.csv -o none.md", in: workplace.folder)
    #expect(command.status == 0)
    #expect(command.output.contains("0 of 1 rows are priced."))
    #expect(try workplace.contents().contains("none.svg"))
  }
}

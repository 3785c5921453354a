import Audit
import Graph
import Parallelism
import Testing

@testable import Lowering

@Suite("auditing our own graphs")
struct AuditTests {
  @Test(
    "what the builder makes is what the audit expects",
    arguments: Sample.variety + Sample.strategies)
  func ownGraphsAreCorrect(sample: Sample) throws {
    let report = sample.audit.examine(try sample.observed())
    #expect(report.isCorrect, "\(report.findings.map(\.summary).joined(separator: "\n"))")
  }

  @Test("the flagship is correct, with its published counts")
  func flagship() throws {
    let sample = try Sample.flagship()
    let report = sample.audit.examine(try sample.observed())
    #expect(report.isCorrect, "\(report.findings.map(\.summary).joined(separator: "\n"))")
    let counts = try #require(report.tables.first { $0.title == "Hard counts per rank" })
    #expect(counts.rows.contains(["Collectives, rank of stage 0", "458 × 1 = 458", "458"]))
    #expect(counts.rows.contains(["Collectives, rank of stage 1", "462 × 1 = 462", "462"]))
    #expect(counts.rows.contains(["Nodes, rank of stage 0", "1542 × 1 = 1,542", "1,542"]))
    #expect(counts.rows.contains(["Nodes, rank of stage 1", "1553 × 1 = 1,553", "1,553"]))
  }

  @Test("the same graph gives the same report, byte for byte")
  func isDeterministic() throws {
    let graph = try Sample.moe.observed()
    #expect(
      Sample.dense.audit.examine(graph).markdown == Sample.dense.audit.examine(graph).markdown)
  }
}

extension Finding {
  var summary: String {
    "[\(family.rawValue)] \(subject): \(problem) (\(found); \(expected)) \(places) of \(placeCount)"
  }
}

import Audit
import Foundation
import Graph
import Interop
import Parallelism
import Testing

/// A drawing of the flagship as people make them by hand: 23 nodes for 256 GPUs.
@Suite("auditing a simplified drawing")
struct SeedTests {
  private static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures/seed.dot").path

  /// Made once, because many tests read it.
  private static let audited = Result<AuditReport, any Error> {
    try Sample.flagship().audit.examine(try DOTReader.read(file))
  }

  private static func report() throws -> AuditReport { try audited.get() }

  @Test("the drawing is read as meant")
  func reading() throws {
    let graph = try DOTReader.read(Self.file)
    #expect(graph.nodeCount == 23)
    #expect(graph.nodes.count { $0.kind == .queryKeyValue } == 8)
    #expect(graph.nodes.count { $0.kind == .attention } == 8)
    #expect(graph.nodes.count { $0.operation == .allReduce && $0.family == .tensor } == 3)
    #expect(graph.nodes.allSatisfy { $0.rank != nil })
  }

  static let problems: [(FindingFamily, String)] = [
    (.parallelStrategy, "Only shows 2 out of 4 Tensor Parallel (TP) dimensions"),
    (.parallelStrategy, "No Expert Parallel (EP) distribution: shows 1 of 8"),
    (.parallelStrategy, "No Data Parallel (DP) distribution: shows 1 of 4"),
    (.parallelStrategy, "Only representative GPUs shown: 4 of 256"),
    (.communication, "No Expert Parallel all-to-all communications"),
    (.communication, "Missing Data Parallel gradient synchronization"),
    (.communication, "Tensor Parallel"),
    (.communication, "Pipeline communication shown for 1 of"),
    (.attention, "Missing attention output projection"),
    (.attention, "Missing residual connection around attention"),
    (.attention, "Missing layer normalization after attention"),
    (.attention, "Missing rotary position embedding"),
    (.components, "Missing expert up projection (expert FFN)"),
    (.components, "Missing final layer normalization"),
    (.components, "Missing output projection to the vocabulary (head)"),
    (.components, "Incomplete transformer layer structure"),
    (.components, "No backward pass"),
    (.simplification, "Only 23 nodes for a 256-GPU system"),
    (.simplification, "Massive parallel operations reduced to representative nodes"),
    (.simplification, "Loss of detailed execution flow"),
    (.simplification, "Inadequate for performance analysis"),
  ]

  @Test("it shows each of the problems that a reviewer listed", arguments: problems)
  func shows(family: FindingFamily, text: String) throws {
    let findings = try Self.report().findings(in: family)
    #expect(
      findings.contains { $0.problem.contains(text) },
      "\(findings.map(\.problem).joined(separator: "\n"))")
  }

  @Test("the report asks for the same corrective actions")
  func asksForActions() throws {
    let report = try Self.report()
    let titles = report.actions.map(\.title)
    for title in [
      "Complete TP4 Representation", "Complete EP8 Representation", "Complete DP4 Representation",
      "Attention Output Projection", "Residual Connections", "Expert Feed-Forward Network",
      "Final Layer Norm", "Output Head", "Expert All-to-All", "Gradient Synchronization",
      "Pipeline Transfers", "Complete TP Collectives",
    ] { #expect(titles.contains(title), "\(title) not in \(titles)") }
  }

  @Test("the report reads like the model of it, and is the same every time")
  func markdown() throws {
    let text = try Self.report().markdown
    for heading in [
      "# DAG Analysis Report for qwen3-30b-a3b on EP8-TP4-PP2-DP4", "## Executive Summary",
      "## Issues Identified", "### 1. Incomplete Parallel Strategy Representation ❌",
      "### 2. Missing or Wrong GPU Communication Patterns ❌",
      "### 3. Incomplete Attention Block Breakdown ❌", "### 4. Missing Model Components ❌",
      "### 5. Simplification Too Extreme ❌", "**Required Fix**", "## Corrective Actions Required",
      "### Critical Nodes to Add:", "### Communication Patterns to Add:", "## Conclusion",
      "**INCORRECT**",
    ] { #expect(text.contains(heading), "\(heading)") }
    let again = try Sample.flagship().audit.examine(try DOTReader.read(Self.file))
    #expect(text == again.markdown)
  }

  @Test("hostile labels do no harm in the report")
  func hostileLabels() throws {
    let graph = try DOTReader.read(
      text:
        #"digraph { a [label="</td><script>alert(1)</script> | `x` [y](http://z)\n# head"]; b }"#)
    let text = try Sample.flagship().audit.examine(graph).markdown
    #expect(!text.contains("<script>") && !text.contains("[y](") && !text.contains("\n# head"))
  }
}

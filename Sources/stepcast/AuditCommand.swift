import ArgumentParser
import Audit
import Estimation
import Foundation
import Interop

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Holds a DAG against everything that its model and plan imply.",
    discussion: """
      Reads DOT, written by `stepcast export dot` or by anyone: foreign graphs are recognized by \
      their labels. Writes dag_analysis_report.md and exits with 1 when the DAG is INCORRECT.
      """)

  @Argument(help: "The DAG, in DOT.") var file: String

  @OptionGroup var step: StepOptions

  @Option(help: "The plan that the DAG claims to be: EP8-TP4-PP2-DP4.")
  var parallel: String?

  @Option(
    name: .shortAndLong,
    help: .init("Folder for the report; outputs/<timestamp> unless given.", valueName: "folder"))
  var output: String?

  @Flag(help: "Print the report as one JSON object.") var json = false

  func run() throws {
    let report = try reportingBadData {
      let scenario = try ScenarioBuilder(step).scenario(plan: parallel)
      let graph = try Spinner.during("reading \(file)") { try DOTReader.read(file) }
      let audit = Audit(
        model: scenario.model, plan: scenario.plan, configuration: scenario.configuration,
        order: try scenario.order())
      let report = Spinner.during("auditing \(graph.nodeCount) nodes") { audit.examine(graph) }
      let folder = OutputFolder(path: output ?? OutputFolder.timestamped)
      let written = try folder.write(report.markdown, to: "dag_analysis_report.md")
      print(
        json ? try stepcast.json(AuditJSON(report: report)) : report.summary(written: written),
        terminator: "")
      return report
    }
    if !report.isCorrect { throw ExitCode(1) }
  }
}

/// What `audit --json` prints: the report, and its verdict.
struct AuditJSON: Encodable {
  let report: AuditReport

  private enum CodingKeys: CodingKey { case isCorrect }

  func encode(to encoder: any Encoder) throws {
    try report.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(report.isCorrect, forKey: .isCorrect)
  }
}

extension AuditReport {
  /// What the terminal shows: the verdict, the heading of each finding, and where the rest is.
  func summary(written file: String) -> String {
    let verdict = isCorrect ? "CORRECT" : "INCORRECT"
    let lines = findings.prefix(20).map { "  ✗ \($0.problem)" }
    let rest = findings.count > 20 ? ["  … and \(findings.count - 20) more"] : []
    return
      (["\(verdict): \(nodeCount) nodes and \(edgeCount) edges against \(subject.plan)"] + lines
      + rest + ["full report: \(file)"]).joined(separator: "\n") + "\n"
  }
}

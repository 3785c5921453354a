import ArgumentParser
import Estimation
import Foundation
import Parallelism
import Rendering
import Units

struct EstimateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "estimate",
    abstract: "Predicts one step: its time, where the time goes, memory, and the critical path.",
    discussion: """
      Prints a report, or one JSON object with --json. With -o it also writes report.md and \
      pictures of the timeline, the critical path and one layer into a folder.
      """)

  @OptionGroup var step: StepOptions

  @Option(help: "The plan, any order and separators: EP8-TP4-PP2-DP4.")
  var parallel: String?

  @Option(
    name: .shortAndLong, help: .init("A folder for the report and pictures.", valueName: "folder"))
  var output: String?

  @Flag(help: "Print one JSON object (documented in docs/json.md).") var json = false

  func run() throws {
    try reportingBadData {
      let scenario = try ScenarioBuilder(step).scenario(plan: parallel)
      let estimate = try Spinner.during("simulating \(grouped(scenario.plan.worldSize)) ranks") {
        try Estimate(scenario)
      }
      if let output { try EstimateFolder(estimate: estimate).write(to: OutputFolder(path: output)) }
      if json {
        print(try stepcast.json(EstimateJSON(estimate)), terminator: "")
      } else {
        print(EstimateReport(estimate: estimate).document.terminal(), terminator: "")
      }
    }
  }
}

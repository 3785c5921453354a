import ArgumentParser
import Estimation
import Foundation
import Parallelism
import Rendering
import Units

struct EstimateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "estimate",
    abstract: "Predicts one step: its time, where the time goes, memory, and the critical path.",
    discussion: """
      Prints a report, or one JSON object with --json. With -o it also writes report.md and \
      pictures of the timeline, memory, the critical path and one layer into a folder. Where the \
      step does not fit in memory, it says which changes make it fit and what each costs.

      Ranks are equal unless told otherwise: --slow, --degrade, --jitter and --expert-load say how they \
      differ, and the report says what that adds, through which groups.
      """)

  @OptionGroup var step: StepOptions

  @Option(help: "The plan, any order and separators: EP8-TP4-PP2-DP4.")
  var parallel: String?

  @OptionGroup(title: "Unequal ranks") var unequal: VariationOptions

  @Option(
    name: .shortAndLong, help: .init("A folder for the report and pictures.", valueName: "folder"))
  var output: String?

  @Flag(help: "Print one JSON object (documented in docs/json.md).") var json = false

  func run() async throws {
    let estimate = try reportingBadData {
      let scenario = try ScenarioBuilder(step).scenario(plan: parallel)
      return try Spinner.during("simulating \(grouped(scenario.plan.worldSize)) ranks") {
        try Estimate(scenario, variation: unequal.variation(of: scenario.model))
      }
    }
    let unequalRanks = try await waitingAndReportingBadData {
      try await UnequalRanks(estimate, options: unequal)
    }
    let remedies = estimate.fitsMemory ? nil : await MemoryRemedies(for: estimate)
    try reportingBadData {
      if let output {
        try EstimateFolder(estimate: estimate, remedies: remedies, unequalRanks: unequalRanks)
          .write(to: OutputFolder(path: output))
      }
      if json {
        let answer = EstimateJSON(
          estimate, remedies: remedies, unequalRanks: unequalRanks)
        print(try stepcast.json(answer), terminator: "")
      } else {
        let report = EstimateReport(
          estimate: estimate, remedies: remedies, unequalRanks: unequalRanks)
        print(report.document.terminal(), terminator: "")
      }
    }
  }
}

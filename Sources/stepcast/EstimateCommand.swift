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

      With --fold off, a step whose times do not fit in this machine's memory is played all the \
      same, and only its length is reported.
      """)

  @OptionGroup var step: StepOptions

  @OptionGroup(title: "Simulation") var play: PlayOptions

  @Option(help: "The plan, any order and separators: EP8-TP4-PP2-DP4.")
  var parallel: String?

  @OptionGroup(title: "Unequal ranks") var unequal: VariationOptions

  @Option(
    name: .shortAndLong, help: .init("A folder for the report and pictures.", valueName: "folder"))
  var output: String?

  @Flag(help: "Print one JSON object (documented in docs/json.md).") var json = false

  func run() async throws {
    let answer = try reportingBadData {
      let scenario = try ScenarioBuilder(step).scenario(plan: parallel)
      return try Spinner.during("simulating \(grouped(scenario.plan.worldSize)) ranks") {
        try Answer(
          PricedStep(
            scenario, variation: unequal.variation(of: scenario.model), mode: play.mode))
      }
    }
    switch answer {
    case .explained(let estimate): try await report(estimate)
    case .length(let estimate): try report(estimate)
    }
  }

  /// What memory allows to know.
  private enum Answer {
    case explained(Estimate)
    case length(OutcomeEstimate)

    init(_ step: PricedStep) throws {
      let isWhole = step.hasRoom || step.mode.folds || step.mode.sharesLinks
      self = isWhole ? .explained(try Estimate(step)) : .length(try OutcomeEstimate(step))
    }
  }

  private func report(_ estimate: OutcomeEstimate) throws {
    try reportingBadData {
      let document = OutcomeReport(estimate: estimate).document
      if let output {
        _ = try OutputFolder(path: output).write(document.markdown(), to: "report.md")
      }
      print(
        json ? try stepcast.json(OutcomeJSON(estimate)) : document.terminal(), terminator: "")
    }
  }

  private func report(_ estimate: Estimate) async throws {
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

import ArgumentParser
import Estimation
import Foundation
import Rendering
import Units

struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Ranks several plans for the same step, best first, and says why the others lose.")

  @OptionGroup var step: StepOptions

  @Option(help: "A plan to compare; give it once per plan.")
  var parallel: [String] = []

  @Option(help: "Plans to estimate at the same time; the answer is the same for any number.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Flag(help: "Print one JSON object: the plans as `estimate` prints them, best first.")
  var json = false

  func validate() throws {
    guard parallel.count >= 2 else {
      throw ValidationError(
        "compare needs two plans or more: --parallel EP8-TP4-PP2-DP4 --parallel EP8-TP2-PP2-DP8")
    }
    guard (1...1024).contains(threads) else {
      throw ValidationError("--threads must be between 1 and 1024, got \(threads)")
    }
  }

  func run() async throws {
    let scenarios = try reportingBadData {
      let builder = try ScenarioBuilder(step)
      return try parallel.map { try builder.scenario(plan: $0) }
    }
    let results = await estimates(of: scenarios)
    try reportingBadData {
      let comparison = PlanComparison(try results.map { try $0.get() })
      print(
        json ? try stepcast.json(comparison.json) : comparison.document.terminal(),
        terminator: "")
    }
  }

  /// Estimates in the order of the plans, a few at a time.
  private func estimates(of scenarios: [Scenario]) async -> [Result<PlanResult, any Error>] {
    var bar = ProgressBar(total: scenarios.count, unit: "plans")
    return await withTaskGroup(of: (Int, Result<PlanResult, any Error>).self) { group in
      var results = [Result<PlanResult, any Error>?](repeating: nil, count: scenarios.count)
      for (index, scenario) in scenarios.enumerated() {
        if index >= threads, let done = await group.next() {
          results[done.0] = done.1
          bar.advance()
        }
        group.addTask { (index, Result { PlanResult(try Estimate(scenario)) }) }
      }
      for await done in group {
        results[done.0] = done.1
        bar.advance()
      }
      bar.finish()
      return results.compactMap { $0 }
    }
  }
}

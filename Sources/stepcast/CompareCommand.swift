import ArgumentParser
import Estimation
import Foundation
import Parallelism
import Rendering
import Units

struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Ranks several plans for the same step, best first, and says why the others lose.",
    discussion: """
      --schedule takes several names here, separated by commas, or all: every plan runs under each \
      that it can.

      Try: stepcast compare --model llama-3-8b --parallel TP2-PP4 --global-batch 16 --schedule all
      """)

  @OptionGroup var step: StepOptions

  @OptionGroup(title: "Simulation") var play: PlayOptions

  @Option(help: "A plan to compare; give it once per plan.")
  var parallel: [String] = []

  @Option(help: "Plans to estimate at the same time; the answer is the same for any number.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Flag(help: "Print one JSON object: the plans as `estimate` prints them, best first.")
  var json = false

  func validate() throws {
    guard parallel.count >= 2 || (parallel.count == 1 && step.pipeline.namesSeveral) else {
      throw ValidationError(
        "compare needs two plans or more: --parallel EP8-TP4-PP2-DP4 --parallel EP8-TP2-PP2-DP8")
    }
    guard (1...1024).contains(threads) else {
      throw ValidationError("--threads must be between 1 and 1024, got \(threads)")
    }
  }

  func run() async throws {
    let (candidates, refused) = try reportingBadData { try makeCandidates() }
    let results = await estimates(of: candidates)
    try reportingBadData {
      let comparison = PlanComparison(try results.map { try $0.get() }, refused: refused)
      print(
        json ? try stepcast.json(comparison.json) : comparison.document.terminal(),
        terminator: "")
    }
  }

  /// Every plan under every schedule asked for, and the pairs that cannot run.
  ///
  /// - Throws: what is wrong with a plan, where schedules are not the question.
  private func makeCandidates() throws -> (scenarios: [Scenario], refused: [RefusedCandidate]) {
    let builder = try ScenarioBuilder(step)
    guard step.pipeline.namesSeveral else {
      return (try parallel.map { try builder.scenario(plan: $0) }, [])
    }
    var scenarios: [Scenario] = []
    var refused: [RefusedCandidate] = []
    for plan in parallel {
      for schedule in try step.pipeline.resolvedAll() {
        do {
          let scenario = try builder.scenario(plan: plan, running: schedule, fitting: true)
          _ = try scenario.graph()
          scenarios.append(scenario)
        } catch let error where !(error is ValidationError) {
          refused.append(
            RefusedCandidate(plan: plan, schedule: schedule.name, reason: "\(error)"))
        }
      }
    }
    guard !scenarios.isEmpty else {
      throw BadData(
        "no schedule can run the step:\n"
          + refused.map { "  - \($0.schedule): \($0.reason)" }.joined(separator: "\n"))
    }
    return (scenarios, refused)
  }

  /// Estimates in the order of the plans, a few at a time.
  private func estimates(of scenarios: [Scenario]) async -> [Result<PlanResult, any Error>] {
    var bar = ProgressBar(total: scenarios.count, unit: "plans")
    let mode = play.mode
    return await withTaskGroup(of: (Int, Result<PlanResult, any Error>).self) { group in
      var results = [Result<PlanResult, any Error>?](repeating: nil, count: scenarios.count)
      for (index, scenario) in scenarios.enumerated() {
        if index >= threads, let done = await group.next() {
          results[done.0] = done.1
          bar.advance()
        }
        group.addTask {
          (index, Result { PlanResult(try Estimate(scenario, mode: mode)) })
        }
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

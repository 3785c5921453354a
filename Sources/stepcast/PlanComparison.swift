import Analysis
import Estimation
import Graph
import Hardware
import Model
import Parallelism
import Rendering
import Units

/// What a comparison keeps of an estimate: its numbers, not its graph and timeline.
struct PlanResult: Sendable {
  let scenario: Scenario
  let step: Seconds
  let sum: RankBreakdown
  let fits: Bool
  let json: EstimateJSON

  init(_ estimate: Estimate) {
    scenario = estimate.scenario
    step = estimate.step
    sum = estimate.breakdown.sum
    fits = estimate.fitsMemory
    json = EstimateJSON(estimate)
  }

  /// Mean time of one rank in a class.
  func perRank(_ timeClass: TimeClass) -> Double {
    sum[timeClass].seconds.value / Double(scenario.plan.worldSize)
  }
}

/// A plan that cannot run under a schedule.
struct RefusedCandidate: Encodable {
  let plan: String
  let schedule: String
  let reason: String
}

/// Several plans for one step, best first: those that fit before those that do not, then by tokens
/// per second and GPU, then in the order given.
struct PlanComparison {
  let plans: [PlanResult]

  /// What was to be compared and cannot run.
  let refused: [RefusedCandidate]

  struct JSON: Encodable {
    let plans: [EstimateJSON]
    let refused: [RefusedCandidate]
  }

  init(_ results: [PlanResult], refused: [RefusedCandidate] = []) {
    self.refused = refused
    plans = results.enumerated().sorted { a, b in
      let left = (a.element.fits ? 0 : 1, -a.element.json.tokensPerSecondPerGpu, a.offset)
      let right = (b.element.fits ? 0 : 1, -b.element.json.tokensPerSecondPerGpu, b.offset)
      return left < right
    }.map(\.element)
  }

  var json: JSON { JSON(plans: plans.map(\.json), refused: refused) }

  var document: Document {
    var document = Document()
    let best = plans[0]
    document.append(
      .heading(
        "\(plans.count) plans for \(best.scenario.model.name) on \(best.scenario.cluster.name)",
        level: 1))
    document.append(.table(table))
    if plans.count > 1 {
      document.append(.heading("Why the others lose", level: 2))
      document.append(.list(plans.dropFirst().map { reason($0, against: best) }))
    }
    if !refused.isEmpty {
      document.append(.heading("What cannot run", level: 2))
      document.append(.list(refused.map { "\($0.plan) under \($0.schedule): \($0.reason)" }))
    }
    return document
  }

  private var table: TextTable {
    var table = TextTable([
      .init("plan"), .init("schedule"), .init("GPUs", .right), .init("step", .right),
      .init("tokens/s/GPU", .right), .init("MFU", .right), .init("bubble", .right),
      .init("exposed comm.", .right), .init("peak memory", .right), .init("fits"),
    ])
    for plan in plans {
      let json = plan.json
      table.append([
        plan.scenario.plan.axisReading, plan.scenario.scheduleLabel, grouped(json.ranks),
        plan.step.description,
        grouped(Int(json.tokensPerSecondPerGpu.rounded())), percent(json.mfu),
        percent(json.bubbleFraction), percent(json.exposedCommunicationFraction),
        Bytes(json.memory.peakBytes).description, plan.fits ? "yes" : "no",
      ])
    }
    return table
  }

  /// The classes of time in which a plan's ranks spend more than the best plan's, largest first.
  private func reason(_ plan: PlanResult, against best: PlanResult) -> String {
    let schedules = Set(plans.map(\.scenario.configuration.schedule)).count > 1
    let name =
      plan.scenario.plan.axisReading + (schedules ? ", \(plan.scenario.scheduleLabel)" : "")
    let slower = plan.step / best.step - 1
    let differences = TimeClass.allCases.map { timeClass in
      (timeClass, (plan.perRank(timeClass) - best.perRank(timeClass)) / best.step.value)
    }.sorted { abs($0.1) > abs($1.1) }
    let terms = differences.prefix(4).filter { abs($0.1) >= 0.001 }.map { timeClass, change in
      "\(change > 0 ? "+" : "−")\(fixed(100 * abs(change), 1)) \(timeClass.title)"
    }
    let verdict =
      slower >= 0
      ? "the step is \(percent(slower)) longer" : "the step is \(percent(-slower)) shorter"
    let memory = plan.fits ? "" : " It does not fit in memory."
    return
      "\(name): \(verdict) (points of the best plan's step per rank: \(terms.joined(separator: ", "))).\(memory)"
  }
}

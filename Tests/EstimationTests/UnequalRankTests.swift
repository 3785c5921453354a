import Analysis
import Cost
import Estimation
import Graph
import Hardware
import Model
import Parallelism
import Simulation
import Testing
import Units

@Suite("an estimate of unequal ranks")
struct UnequalRankTests {
  private static let experts = Question(
    model: "qwen3-30b-a3b", plan: "EP4-TP2-PP2-DP2", sequenceLength: 512, microbatches: 2)

  private static let variations = [
    StepVariation(slow: [SlowPart(.rank(3), factor: 1.5)]),
    StepVariation(slow: [SlowPart(.node(1), factor: 1.1), SlowPart(.rank(0), factor: 0.9)]),
    StepVariation(degraded: [DegradedRail(rail: 1, share: 0.25)]),
    StepVariation(jitter: Jitter(kernel: 0.1, rank: 0.05, seed: 4)),
    StepVariation(expertLoad: .zipf(1.2, experts: 128)),
    StepVariation(
      slow: [SlowPart(.rank(5), factor: 2)], degraded: [DegradedRail(rail: 3, share: 0.5)],
      jitter: Jitter(kernel: 0.05, seed: 2), expertLoad: .powerLaw(1.5, experts: 128)),
  ]

  @Test(
    "classes and lateness sum to ranks × step, and added parts to ranks × delay",
    arguments: variations)
  func sums(variation: StepVariation) throws {
    let scenario = try Self.experts.scenario()
    let even = try Estimate(scenario)
    let estimate = try Estimate(scenario, variation: variation)
    let ranks = scenario.plan.worldSize
    #expect(estimate.breakdown.sum.total == ranks * estimate.timeline.makespan)
    #expect(estimate.breakdown.ranks.allSatisfy { $0.total == estimate.timeline.makespan })
    let late = GroupFamily.allCases.reduce(estimate.breakdown.sum.messageLateness) {
      $0 + estimate.breakdown.sum.lateness(in: $1)
    }
    #expect(late == estimate.breakdown.sum[.bubble] + estimate.breakdown.sum[.straggler])
    let radius = BlastRadius(estimate, against: even)
    #expect(radius.delay == estimate.timeline.makespan - even.timeline.makespan)
    #expect(radius.added.reduce(Ticks.zero) { $0 + $1.span } == ranks * radius.delay)
    #expect(radius.reach.reduce(radius.untouched) { $0 + $1.ranks } == ranks)
  }

  @Test("folded, unfolded and event by event it is the same step", arguments: variations)
  func agreement(variation: StepVariation) throws {
    let scenario = try Self.experts.scenario()
    let folded = try Estimate(scenario, variation: variation)
    let unfolded = try Estimate(scenario, variation: variation, mode: PlayMode(folds: false))
    #expect(folded.timeline.finishes == unfolded.timeline.finishes)
    let byEvents = try EventDrivenExecutor(folded.graph, costs: folded.costs).run()
    #expect(folded.timeline.finishes == byEvents.finishes)
    #expect(folded.breakdown.sum == unfolded.breakdown.sum)
  }

  @Test("nothing but factors of 1, whole rails and even loads changes nothing")
  func identity() throws {
    let scenario = try Self.experts.scenario()
    let even = try Estimate(scenario)
    let same = try Estimate(
      scenario,
      variation: StepVariation(
        slow: [SlowPart(.rank(3), factor: 1)], degraded: [DegradedRail(rail: 1, share: 1)],
        jitter: Jitter(), expertLoad: .zipf(0, experts: 128)))
    #expect(same.timeline.finishes == even.timeline.finishes)
    #expect(same.folding == even.folding)
    let radius = BlastRadius(same, against: even)
    #expect(radius.added.isEmpty && radius.reach.isEmpty)
    #expect(radius.untouched == scenario.plan.worldSize)
  }

  @Test(
    "a slow rank of one tensor group slows compute alone by its factor, and delays the others by TP"
  )
  func straggler() throws {
    let question = Question(
      model: "llama-3-8b", plan: "TP4", sequenceLength: 8192, microbatches: 1)
    let scenario = try question.scenario()
    let even = try Estimate(scenario)
    let slow = try Estimate(
      scenario, variation: StepVariation(slow: [SlowPart(.rank(2), factor: 1.5)]))
    let radius = BlastRadius(slow, against: even)
    // Without slack, the step grows by what the slow rank's kernels do; a few of them hide launches.
    let compute = even.breakdown.ranks[2][.compute].seconds.value
    #expect(abs(radius.delay.seconds.value / (0.5 * compute) - 1) < 0.04)
    #expect(radius.reach.map(\.ranks) == [3, 1])
    #expect(radius.reach[0].entry == .group(.tensor))
    #expect(radius.reach[1].entry == .own)
  }

  @Test("more skew of experts never shortens a step")
  func skew() throws {
    let scenario = try Self.experts.scenario()
    var last = try Estimate(scenario).timeline.makespan
    for exponent in [0.0, 0.3, 0.6, 1, 1.5, 3] {
      let load = ExpertLoad.zipf(exponent, experts: 128, seed: 6)
      let step = try Estimate(scenario, variation: StepVariation(expertLoad: load))
        .timeline.makespan
      #expect(step >= last, "\(exponent)")
      last = step
    }
  }

  @Test("parts that the step lacks are refused")
  func refusals() throws {
    let dense = try Question.dense.scenario()
    func words(_ scenario: Scenario, _ variation: StepVariation) -> String {
      let error = #expect(throws: VariationError.self) {
        try Estimate(scenario, variation: variation)
      }
      return error?.description ?? ""
    }
    #expect(
      words(dense, StepVariation(slow: [SlowPart(.rank(8), factor: 2)]))
        == "--slow rank=8: the plan has 8 ranks, 0 to 7")
    #expect(
      words(dense, StepVariation(slow: [SlowPart(.node(1), factor: 2)]))
        == "--slow node=1: the plan fits on one node, number 0")
    #expect(
      words(dense, StepVariation(expertLoad: .zipf(1, experts: 8)))
        .hasPrefix("--expert-load: llama-3-8b has no experts"))
    let capacity = try Self.experts.scenario()
    var configuration = capacity.configuration
    configuration.capacityFactor = 1
    let dropping = try Scenario(
      model: capacity.model, plan: capacity.plan, configuration: configuration,
      cluster: capacity.cluster)
    #expect(
      words(dropping, StepVariation(expertLoad: .zipf(1, experts: 128)))
        .hasPrefix("--expert-load: a capacity factor gives every expert the same rows"))
  }

  // Samples.

  @Test("samples are the same for 1, 2 and 4 threads, and the first is the estimate")
  func threads() async throws {
    let scenario = try Self.experts.scenario()
    let estimate = try Estimate(
      scenario, variation: StepVariation(jitter: Jitter(kernel: 0.05, rank: 0.02, seed: 1)))
    let one = try await MonteCarlo(estimate, samples: 12, threads: 1)
    #expect(one.steps.count == 12)
    #expect(one.steps[0] == estimate.timeline.makespan)
    #expect(Set(one.steps).count == 12)
    for threads in [2, 4, 64] {
      var told = 0
      let many = try await MonteCarlo(estimate, samples: 12, threads: threads) { told += 1 }
      #expect(many.steps == one.steps)
      #expect(told == 12)
    }
    let fewer = try await MonteCarlo(estimate, samples: 5, threads: 2)
    #expect(fewer.steps == Array(one.steps.prefix(5)))
  }

  @Test("quantiles are samples, in order")
  func quantiles() async throws {
    let estimate = try Estimate(
      Question(model: "llama-3-8b", plan: "TP2", sequenceLength: 512, microbatches: 1).scenario(),
      variation: StepVariation(jitter: Jitter(rank: 0.1, seed: 3)))
    let samples = try await MonteCarlo(estimate, samples: 100, threads: 2)
    let sorted = samples.steps.sorted()
    #expect(samples.quantile(0.05) == sorted[4])
    #expect(samples.quantile(0.5) == sorted[49])
    #expect(samples.quantile(0.99) == sorted[98])
    #expect(samples.quantile(1) == sorted[99])
    #expect(samples.quantile(0.001) == sorted[0])
    #expect(samples.mean > sorted[0].seconds && samples.mean < sorted[99].seconds)
  }
}

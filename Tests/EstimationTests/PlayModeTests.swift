import Analysis
import Cost
import Estimation
import Graph
import Hardware
import Parallelism
import Simulation
import Testing
import Units

@Suite("Ways to play a step") struct PlayModeTests {
  @Test("one rank for all that do the same gives the same answer", arguments: Question.examples)
  func folding(question: Question) throws {
    let folded = try question.estimate()
    let unfolded = try Estimate(question.scenario(), mode: PlayMode(folds: false))
    #expect(unfolded.folding.isTrivial)
    #expect(folded.step == unfolded.step)
    #expect(folded.breakdown.ranks == unfolded.breakdown.ranks)
    #expect(folded.criticalPath.segments == unfolded.criticalPath.segments)
    #expect(folded.memory == unfolded.memory)
  }

  @Test("without room for all times the length is the same", arguments: Question.examples)
  func outcome(question: Question) throws {
    let whole = try question.estimate()
    let room = try PricedStep(question.scenario(), mode: PlayMode(folds: false)).timelineSize
    let mode = PlayMode(folds: false, memory: room - Bytes(1))
    let step = try PricedStep(question.scenario(), mode: mode)
    #expect(!step.hasRoom)
    #expect(throws: SimulationError.self) { try Estimate(step) }
    guard question.phase != .decode || question.microbatches == 1 else {
      // Successive steps of a pipeline that decodes overlap.
      #expect(throws: SimulationError.self) { try OutcomeEstimate(step) }
      return
    }
    let outcome = try OutcomeEstimate(step)
    #expect(outcome.step == whole.step)
    #expect(outcome.tokensPerSecondPerGPU == whole.tokensPerSecondPerGPU)
    #expect(outcome.utilization == whole.utilization)
    let ends = (0..<whole.scenario.plan.worldSize).map { whole.timeline.end(of: $0) }
    #expect(outcome.outcome.ends == ends)
  }

  @Test("a step that does not fit at all is refused before it is played, with the numbers")
  func refusals() throws {
    let scenario = try Question.dense.scenario()
    let folded = try PricedStep(scenario, mode: PlayMode(memory: Bytes(1024)))
    let error = try #require(throws: SimulationError.self) { try Estimate(folded) }
    #expect(error.description.contains("but 1.00 KiB of memory are left"))
    let unfolded = try PricedStep(scenario, mode: PlayMode(folds: false, memory: Bytes(1024)))
    let other = try #require(throws: SimulationError.self) {
      try OutcomeEstimate(PricedStep(scenario, mode: PlayMode(folds: false, memory: Bytes(64))))
    }
    #expect(other.description.contains("but 64 B of memory are left"))
    let contended = try PricedStep(
      scenario, mode: PlayMode(sharesLinks: true, memory: Bytes(1024)))
    let refusal = try #require(throws: ScenarioError.self) { try Estimate(contended) }
    #expect(refusal.description.contains("leave contention out"))
    #expect(contended.timelineSize == 2 * unfolded.timelineSize)
  }

  @Test(
    "with contention all times still add up, and nothing gets faster",
    arguments: [
      Question.dense, .experts,
      Question(model: "llama-3-8b", plan: "CP2-TP2", sequenceLength: 8192),
      Question(model: "llama-3-8b", plan: "TP2-PP2-VPP2"),
      Question(model: "llama-3-8b", plan: "DP16"),
    ])
  func contention(question: Question) throws {
    let alone = try question.estimate()
    let shared = try Estimate(question.scenario(), mode: PlayMode(sharesLinks: true))
    #expect(shared.step >= alone.step)
    for rank in shared.breakdown.ranks { #expect(rank.total == shared.timeline.makespan) }
    let path = shared.criticalPath.spans.reduce(Ticks.zero) { $0 + $1.value }
    #expect(path == shared.timeline.makespan)
    #expect(shared.criticalPath.segments.first?.start == .zero)
    for (one, next) in zip(shared.criticalPath.segments, shared.criticalPath.segments.dropFirst()) {
      #expect(one.finish == next.start)
    }
  }

  @Test("leaf switches with few uplinks slow down groups that cross them")
  func oversubscription() throws {
    let question = Question(model: "llama-3-8b", plan: "TP4-DP16")
    let scenario = try question.scenario()
    func step(_ tree: FatTree) throws -> Seconds {
      let scenario = try Scenario(
        model: scenario.model, plan: scenario.plan, configuration: scenario.configuration,
        cluster: scenario.cluster.joined(by: tree))
      return try Estimate(scenario, mode: PlayMode(sharesLinks: true)).step
    }
    let whole = try step(.nonBlocking)
    #expect(try step(FatTree(domainsPerLeaf: 1, oversubscription: 1)) == whole)
    let narrow = try step(FatTree(domainsPerLeaf: 1, oversubscription: 16))
    #expect(narrow > whole)
    #expect(try step(FatTree(domainsPerLeaf: 1, oversubscription: 32)) > narrow)
    // All eight domains below one leaf do not use its uplinks.
    #expect(try step(FatTree(domainsPerLeaf: 8, oversubscription: 32)) == whole)
  }
}

extension Cluster {
  /// The same machine with other switches above its NICs.
  fileprivate func joined(by tree: FatTree) -> Cluster {
    Cluster(
      name: name, summary: summary, device: device, node: node,
      fabric: Fabric(
        nicsPerNode: fabric.nicsPerNode, nicBandwidth: fabric.nicBandwidth,
        nicLatency: fabric.nicLatency, rails: fabric.rails, tree: tree,
        pointToPoint: fabric.pointToPoint, library: fabric.library),
      host: host)
  }
}

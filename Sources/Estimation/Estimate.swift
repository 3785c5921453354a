public import Analysis
public import Cost
public import Graph
import Hardware
import Lowering
public import Memory
import Model
import Parallelism
public import Simulation
public import Units

/// The answer to a scenario: the complete DAG, priced, played and explained.
public struct Estimate: Sendable {
  public let scenario: Scenario
  /// How ranks differ; in a random respect, this is the first sample of its seed.
  public let variation: StepVariation
  public let graph: StepGraph
  public let costs: StepCosts
  /// Ranks of which one was played for all.
  public let folding: Folding
  public let timeline: Timeline
  public let breakdown: StepBreakdown
  public let criticalPath: CriticalPath
  /// One per pipeline stage, of its first rank.
  public let memory: [StageMemory]

  /// Lowers, prices, plays and explains.
  ///
  /// - Parameters:
  ///   - variation: how ranks differ; not at all unless given.
  ///   - folds: whether one rank is played for all that are bound to do the same; the result is the
  ///     same.
  /// - Throws: when the schedule cannot run the microbatches, the device lacks a format, the step
  ///   deadlocks, it is longer than the clock can count, or ranks cannot differ as asked.
  public init(_ scenario: Scenario, variation: StepVariation = .even, folds: Bool = true) throws {
    self.scenario = scenario
    self.variation = variation
    try variation.check(scenario)
    let priced = try PricedStep(
      scenario.graph(), on: scenario.cluster, variation: variation)
    graph = priced.graph
    costs = priced.costs
    try costs.checkSum(over: graph)
    folding = folds ? Folding(graph, costs: costs) : Folding(unfolded: graph)
    timeline = try RunAheadExecutor(graph, costs: costs, folding: folding).run()
    try timeline.checkSum()
    breakdown = StepBreakdown(timeline)
    criticalPath = CriticalPath(timeline)
    let timeline = timeline
    memory = (0..<scenario.plan.pipeline).map { stage in
      StageMemory(
        scenario.memoryTimeline(timeline, ofRank: timeline.graph.grid.rank(0, movedToStage: stage)))
    }
  }
}

extension Scenario {
  /// The complete execution DAG, its invariants checked in debug builds.
  public func graph() throws -> StepGraph {
    let graph = try graph(running: order())
    #if DEBUG
    try graph.validate()
    #endif
    return graph
  }

  /// Keys and values of the sequences that one rank of a stage serves.
  func keyValueCache(of program: StageProgram) -> Bytes {
    guard configuration.phase != .train else { return .zero }
    return configuration.microBatchSize * configuration.microbatches
      * keyValueCachePerSequence(of: program)
  }

  /// Keys and values of one sequence on one rank of a stage.
  func keyValueCachePerSequence(of program: StageProgram) -> Bytes {
    let layers = Set(program.operations.compactMap(\.layer)).sorted().map { model.layers[$0] }
    return KeyValueCacheShare(of: layers, under: plan).bytes(
      tokens: configuration.sequenceLength, format: configuration.keyValueCacheFormat)
  }
}

extension Estimate {
  /// The length of one step.
  public var step: Seconds { timeline.makespan.seconds }

  /// Tokens per second on one GPU when steps follow each other.
  public var tokensPerSecondPerGPU: Double {
    Double(scenario.tokens) / period.value / Double(scenario.plan.worldSize)
  }

  /// Model FLOPs of one token by Megatron's convention: forward and backward in training; causal
  /// attention at half, logits included, router, norms and recomputation excluded.
  public var modelFLOPsPerToken: FLOPs {
    let length = scenario.configuration.sequenceLength
    switch scenario.configuration.phase {
    case .train: return scenario.model.modelFLOPsPerToken(sequenceLength: length)
    case .prefill:
      // Only the last position of a prompt passes the head.
      let prompt = scenario.model.flops(sequenceLength: length)
      let logits = (1 / Double(length)) * prompt.logits
      return (1 / Double(length))
        * (prompt.projections + prompt.coreAttention + prompt.feedForward + logits)
    case .decode:
      // The new token sees the whole cache, twice the average position of a prompt.
      let prompt = scenario.model.flops(sequenceLength: length)
      return (1 / Double(length)) * (prompt.forward + prompt.coreAttention)
    }
  }

  /// Model FLOP/s on one GPU.
  public var modelThroughput: Throughput {
    Throughput(flopsPerSecond: tokensPerSecondPerGPU * modelFLOPsPerToken.count)
  }

  /// Model FLOPs utilization: against the dense peak of the step's format.
  public var utilization: Double {
    guard let peak = scenario.cluster.device.peak.rate(of: scenario.configuration.format) else {
      return 0
    }
    return modelThroughput / peak
  }

  /// The most that any rank holds.
  public var peakMemory: Bytes { memory.map(\.peak).max() ?? .zero }

  /// What a rank may hold: the device's memory less what driver and libraries take.
  public var memoryCapacity: Bytes { scenario.cluster.device.memory.usable }

  public var fitsMemory: Bool { peakMemory <= memoryCapacity }
}

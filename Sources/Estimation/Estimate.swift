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
public struct Estimate: StepPrediction {
  public let scenario: Scenario
  /// How ranks differ; in a random respect, this is the first sample of its seed.
  public let variation: StepVariation
  /// How it was played.
  public let mode: PlayMode
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
  /// - Parameter variation: how ranks differ; not at all unless given.
  /// - Throws: when the schedule cannot run the microbatches, the device lacks a format, the step
  ///   deadlocks, its times do not fit into memory, it is longer than the clock can count, or ranks
  ///   cannot differ as asked.
  public init(
    _ scenario: Scenario, variation: StepVariation = .even, mode: PlayMode = PlayMode()
  ) throws {
    try self.init(PricedStep(scenario, variation: variation, mode: mode))
  }

  /// Plays and explains.
  ///
  /// - Throws: when the step deadlocks, its times do not fit into memory, or it is longer than the
  ///   clock can count.
  public init(_ step: PricedStep) throws {
    scenario = step.scenario
    variation = step.variation
    mode = step.mode
    graph = step.graph
    costs = step.costs
    folding = step.folding
    timeline = try step.timeline()
    breakdown = StepBreakdown(timeline)
    criticalPath = CriticalPath(timeline)
    let timeline = timeline
    memory = (0..<scenario.plan.pipeline).map { stage in
      StageMemory(
        step.scenario.memoryTimeline(
          timeline, ofRank: timeline.graph.grid.rank(0, movedToStage: stage)))
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

  /// The most that any rank holds.
  public var peakMemory: Bytes { memory.map(\.peak).max() ?? .zero }

  /// What a rank may hold: the device's memory less what driver and libraries take.
  public var memoryCapacity: Bytes { scenario.cluster.device.memory.usable }

  public var fitsMemory: Bool { peakMemory <= memoryCapacity }
}

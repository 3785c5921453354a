public import Graph
import Parallelism
public import Simulation
public import Units

/// The answer to a scenario whose times of all nodes do not fit into memory: how long the step takes,
/// every rank played, but not why.
public struct OutcomeEstimate: StepPrediction {
  public let scenario: Scenario
  public let mode: PlayMode
  public let graph: StepGraph
  public let folding: Folding
  public let outcome: StepOutcome
  /// What the times of all nodes would take.
  public let timelineSize: Bytes

  /// Plays and keeps the ends of ranks only.
  ///
  /// - Throws: when even those do not fit into memory, the step deadlocks, or successive steps
  ///   overlap, so that the time of one does not tell the throughput.
  public init(_ step: PricedStep) throws {
    scenario = step.scenario
    mode = step.mode
    graph = step.graph
    folding = step.folding
    timelineSize = step.timelineSize
    let executor = RunAheadExecutor(graph, costs: step.costs, folding: folding)
    let configuration = scenario.configuration
    let overlaps = configuration.phase == .decode && configuration.microbatches > 1
    if let memory = mode.memory, overlaps || executor.outcomeSize > memory {
      try executor.checkTimeline(fits: memory)
    }
    outcome = try executor.outcome()
    try outcome.makespan.checkSum(over: graph.grid.worldSize)
  }

  public var step: Seconds { outcome.makespan.seconds }

  public var period: Seconds { step }
}

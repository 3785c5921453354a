public import Cost
public import Graph
import Hardware
public import Simulation
public import Units

/// A scenario's complete DAG with its costs, ready to be played.
public struct PricedStep: Sendable {
  public let scenario: Scenario
  /// How ranks differ.
  public let variation: StepVariation
  public let mode: PlayMode
  public let graph: StepGraph
  public let costs: StepCosts
  /// Ranks of which one is played for all.
  public let folding: Folding
  /// What keeping the times of all nodes takes in memory, the programs apart.
  public let timelineSize: Bytes

  /// Lowers and prices.
  ///
  /// - Parameter variation: how ranks differ; not at all unless given.
  /// - Throws: when the schedule cannot run the microbatches, the device lacks a format, ranks cannot
  ///   differ as asked, or the step may be longer than the clock can count.
  public init(
    _ scenario: Scenario, variation: StepVariation = .even, mode: PlayMode = PlayMode()
  ) throws {
    self.scenario = scenario
    self.variation = variation
    self.mode = mode
    try variation.check(scenario)
    let priced = try PricedGraph(
      scenario.graph(),
      on: mode.sharesLinks ? scenario.cluster.withoutInterference : scenario.cluster,
      variation: variation)
    graph = priced.graph
    costs = priced.costs
    try costs.checkSum(over: graph)
    folding =
      mode.folds && !mode.sharesLinks
      ? Folding(graph, costs: costs) : Folding(unfolded: graph)
    timelineSize =
      mode.sharesLinks ? graph.nodeCount * Self.timesOfNode : folding.timelineSize(of: graph)
  }

  /// Whether the times of all nodes fit into memory.
  public var hasRoom: Bool { mode.memory.map { timelineSize <= $0 } ?? true }

  /// Plays the step and keeps the times of all nodes.
  ///
  /// - Throws: before it starts if they do not fit into memory; when the step deadlocks, or its time
  ///   over all ranks is longer than the clock can count.
  public func timeline() throws -> Timeline {
    let timeline = try play()
    try timeline.checkSum()
    return timeline
  }

  private func play() throws -> Timeline {
    guard !mode.sharesLinks else {
      if !hasRoom, let memory = mode.memory {
        throw ScenarioError.contentionTooLarge(
          nodes: graph.nodeCount, needed: timelineSize, available: memory)
      }
      let sharing = StepSharing(graph: graph, cluster: scenario.cluster)
      return try EventDrivenExecutor(graph, costs: costs, sharing: sharing).run()
    }
    let executor = RunAheadExecutor(graph, costs: costs, folding: folding)
    if let memory = mode.memory { try executor.checkTimeline(fits: memory) }
    return try executor.run()
  }

  /// Where works hold each other up, starts are kept beside ends.
  private static let timesOfNode = Bytes(16)
}

extension Cluster {
  /// The same cluster whose software loses nothing to hidden communication: contention says what.
  fileprivate var withoutInterference: Cluster {
    var stack = stack
    stack.interference = 0
    return running(stack)
  }
}

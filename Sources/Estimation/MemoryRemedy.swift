import Cost
import Graph
import Memory
import Parallelism
import Simulation
public import Units

/// A step that fits, and what was changed to make it fit.
public struct MemoryRemedy: Hashable, Sendable {
  /// One change, or two where no single one suffices.
  public let changes: [RemedyChange]
  /// The step as changed; asking for its estimate gives this time and peak.
  public let scenario: Scenario
  /// The length of the step.
  public let step: Seconds
  /// The most that any rank holds.
  public let peak: Bytes

  /// What to do, for example `selective recomputation of layernorm`.
  public var summary: String { changes.map(\.description).joined(separator: ", and ") }
}

/// A change before it is known whether it helps.
struct RemedyTrial: Sendable {
  let changes: [RemedyChange]
  let scenario: Scenario
  private let graph: StepGraph
  /// The most that any rank holds where streams run one after the other.
  let peakInOrder: Bytes

  /// Applies changes to a step and lowers it; nil where the result is not legal.
  init?(_ changes: [RemedyChange], to scenario: Scenario) {
    var draft: RemedyDraft? = RemedyDraft(scenario)
    for change in changes { draft = draft?.applying(change) }
    guard let draft,
      let changed = try? Scenario(
        model: scenario.model, plan: draft.plan, configuration: draft.configuration,
        cluster: scenario.cluster, globalBatchSize: draft.globalBatchSize),
      let graph = try? changed.graph()
    else { return nil }
    self.changes = changes
    self.scenario = changed
    self.graph = graph
    peakInOrder =
      graph.programs.map {
        StageMemory(of: $0, in: graph, keyValueCache: changed.keyValueCache(of: $0)).peak
      }.max() ?? .zero
  }

  /// Prices and plays the step; nil where it cannot run or does not fit.
  func played(within capacity: Bytes) -> MemoryRemedy? {
    guard let priced = try? PricedGraph(graph, on: scenario.cluster),
      (try? priced.costs.checkSum(over: priced.graph)) != nil,
      let timeline = try? RunAheadExecutor(
        priced.graph, costs: priced.costs, folding: Folding(priced.graph, costs: priced.costs)
      ).run()
    else { return nil }
    let peak =
      (0..<scenario.plan.pipeline).map { stage in
        StageMemory(
          scenario.memoryTimeline(timeline, ofRank: graph.grid.rank(0, movedToStage: stage))
        ).peak
      }.max() ?? .zero
    guard peak <= capacity else { return nil }
    return MemoryRemedy(
      changes: changes, scenario: scenario, step: timeline.makespan.seconds, peak: peak)
  }
}

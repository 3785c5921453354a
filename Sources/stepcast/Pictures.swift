import Analysis
import Estimation
import Graph
import Hardware
import Memory
import Model
import Parallelism
import Rendering
import Simulation
import Units

/// The pictures of one estimate.
struct Pictures {
  let estimate: Estimate

  private var graph: StepGraph { estimate.graph }

  func timeline(ranks: [Int]?) throws -> Drawing {
    try TimelinePicture(
      timeline: estimate.timeline, ranks: ranks, title: title("Timeline"),
      criticalPath: pathSegments
    ).drawing()
  }

  func criticalPath() -> Drawing {
    let slack = Slack(estimate.timeline)
    let ranks = (0..<estimate.scenario.plan.pipeline).map {
      graph.grid.rank(0, movedToStage: $0)
    }
    let runnersUp = NearCritical.operations(
      of: estimate.timeline, path: estimate.criticalPath, slack: slack, ranks: ranks, limit: 8
    ).map { near in
      let operation = graph.program(of: near.rank).operations[near.operation]
      return PathPicture.RunnerUp(
        title: graph.title(of: operation), rank: near.rank, slack: near.slack)
    }
    return PathPicture(
      title: title("Critical path"), segments: pathSegments, runnersUp: runnersUp,
      stepTime: estimate.timeline.makespan
    ).drawing()
  }

  /// One layer over all ranks that share its tokens and experts.
  func layer(_ layer: Int, rank: Int?, includesBackward: Bool) throws -> Drawing {
    let layers = estimate.scenario.model.layers.count
    guard (0..<layers).contains(layer) else {
      throw BadData("layer \(layer) does not exist; the model has layers 0 to \(layers - 1)")
    }
    return try LayerPicture(
      graph: graph, layer: layer, rank: rank,
      includesBackward: includesBackward && estimate.scenario.configuration.phase == .train,
      title: title("Layer \(layer), microbatch 0")
    ).drawing()
  }

  /// Memory over time of the first rank of each stage; where there are many, of the first, the last and
  /// the fullest.
  func memory(stages: [Int]?) throws -> Drawing {
    try check(stages: stages)
    let fullest = estimate.memory.max { $0.peak < $1.peak }?.pipelineRank ?? 0
    let last = graph.programs.count - 1
    let shown = stages ?? (last < 4 ? Array(0...last) : Set([0, fullest, last]).sorted())
    return MemoryPicture(
      stages: shown.map { estimate.memoryTimeline(ofRank: graph.grid.rank(0, movedToStage: $0)) },
      capacity: estimate.memoryCapacity, stepTime: estimate.timeline.makespan,
      title: title("Memory")
    ).drawing()
  }

  /// Refuses stages that the plan does not have.
  func check(stages: [Int]?) throws {
    let count = graph.programs.count
    if let missing = stages?.first(where: { !(0..<count).contains($0) }) {
      throw BadData("stage \(missing) does not exist; the plan has stages 0 to \(count - 1)")
    }
  }

  func stage(_ stages: [Int]?) throws -> Drawing {
    try check(stages: stages)
    return StagePicture(
      graph: graph, costs: estimate.costs, stages: stages, title: title("Stages")
    ).drawing()
  }

  private var pathSegments: [PathPicture.Segment] {
    estimate.criticalPath.segments.map {
      PathPicture.Segment(
        graph, rank: $0.rank, operation: $0.operation, start: $0.start, finish: $0.finish)
    }
  }

  private func title(_ subject: String) -> PictureTitle {
    let scenario = estimate.scenario
    let configuration = scenario.configuration
    return PictureTitle(
      subject: subject, model: scenario.model.name, plan: scenario.plan.axisReading,
      cluster: scenario.cluster.name, stepTime: estimate.timeline.makespan,
      details: [
        "\(configuration.phase.rawValue), \(scenario.scheduleLabel)",
        "\(configuration.microbatches) × \(configuration.microBatchSize) × \(grouped(configuration.sequenceLength)) tokens per replica",
      ])
  }
}

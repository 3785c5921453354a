import Estimation
import Graph
import Hardware
import Model
import Parallelism
import Simulation
import Units

/// What `--json` prints where only the length of the step is known: names and meanings as in
/// `EstimateJSON`.
struct OutcomeJSON: Encodable {
  let model: String
  let cluster: String
  let phase: String
  let plan: EstimateJSON.Plan
  let schedule: String
  let sequenceLength: Int
  let microBatchSize: Int
  let globalBatchSize: Int
  let microbatches: Int
  let stepSeconds: Double
  let tokensPerSecondPerGpu: Double
  let modelTflopsPerGpu: Double
  let mfu: Double
  let ranks: Int
  let classes: Int
  let contention: Bool
  let nodes: Int
  let edges: Int
  /// What keeping the times of all nodes would have taken.
  let timelineBytes: Int

  init(_ estimate: OutcomeEstimate) {
    let scenario = estimate.scenario
    let configuration = scenario.configuration
    model = scenario.model.name
    cluster = scenario.cluster.name
    phase = configuration.phase.rawValue
    plan = EstimateJSON.Plan(scenario.plan)
    schedule = scenario.scheduleLabel
    sequenceLength = configuration.sequenceLength
    microBatchSize = configuration.microBatchSize
    globalBatchSize = scenario.globalBatchSize
    microbatches = configuration.microbatches
    stepSeconds = estimate.step.value
    tokensPerSecondPerGpu = estimate.tokensPerSecondPerGPU
    modelTflopsPerGpu = estimate.modelThroughput.teraflopsPerSecond
    mfu = estimate.utilization
    ranks = scenario.plan.worldSize
    classes = estimate.folding.classes
    contention = estimate.mode.sharesLinks
    nodes = estimate.graph.nodeCount
    edges = estimate.graph.edgeCount
    timelineBytes = estimate.timelineSize.count
  }
}

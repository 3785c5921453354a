import Analysis
import Estimation
import Foundation
import Graph
import Hardware
import Memory
import Model
import Parallelism
import Simulation
import Units

/// What `--json` prints for one estimate. The names are a promise; units are in the names.
struct EstimateJSON: Encodable {
  struct Plan: Encodable {
    let canonical: String
    let axes: String
    let megatron: String

    init(_ plan: ParallelPlan) {
      canonical = plan.description
      axes = plan.axisReading
      megatron = plan.megatronReading
    }
  }

  struct Stage: Encodable {
    let stage: Int
    let parametersBytes: Int
    let gradientsBytes: Int
    let optimizerBytes: Int
    let activationsBytes: Int
    let keyValueCacheBytes: Int
    let communicationBytes: Int
    let workspaceBytes: Int
    let reserveBytes: Int
    let fragmentationBytes: Int
    let peakBytes: Int
    /// When the peak is, from the start of the step.
    let peakSeconds: Double
    /// Everything held at the peak, by owner.
    let ownersBytes: [String: Int]
    let bubbleSeconds: Double
    let bubbleFraction: Double
  }

  struct Memory: Encodable {
    let peakBytes: Int
    let capacityBytes: Int
    let fits: Bool
    let stages: [Stage]
    /// Only where the step does not fit, and only from `estimate`.
    let remedies: MemoryRemediesJSON?
  }

  struct Path: Encodable {
    let seconds: Double
    let operations: Int
    let shares: [String: Double]
    let ranks: [Int]
  }

  let model: String
  let cluster: String
  /// The software profile.
  let stack: String
  let phase: String
  let plan: Plan
  let schedule: String
  /// Options of a training step that are not the defaults, in words.
  let options: [String]
  let sequenceLength: Int
  let microBatchSize: Int
  let globalBatchSize: Int
  let stepSeconds: Double
  let tokensPerSecondPerGpu: Double
  let modelTflopsPerGpu: Double
  let mfu: Double
  let ranks: Int
  /// Of ranks that were bound to do the same; as many as ranks where each was played.
  let classes: Int
  /// Whether concurrent works shared links and devices.
  let contention: Bool
  let nodes: Int
  let edges: Int
  let microbatches: Int
  let bubbleFraction: Double
  let exposedCommunicationFraction: Double
  let overlapFraction: Double
  let breakdownSeconds: [String: Double]
  let memory: Memory
  let criticalPath: Path
  let parameters: Int
  let modelFlopsPerToken: Double
  let cudaGraphs: Bool
  /// Of inference only; left out of training.
  let timeToFirstTokenSeconds: Double?
  let timePerOutputTokenSeconds: Double?
  let tokensPerSecondPerUser: Double?
  let kvCacheFormat: String?
  let kvCacheBytesPerToken: Int?
  let kvCacheBytesPerSequence: Int?
  let maxBatchPerReplica: Int?
  /// Only where ranks differ.
  let unequalRanks: UnequalRanksJSON?

  init(
    _ estimate: Estimate, remedies: MemoryRemedies? = nil, unequalRanks: UnequalRanks? = nil
  ) {
    let scenario = estimate.scenario
    let configuration = scenario.configuration
    let sum = estimate.breakdown.sum
    let total = sum.total.seconds.value
    let share = { (ticks: Ticks) in total > 0 ? ticks.seconds.value / total : 0 }
    model = scenario.model.name
    cluster = scenario.cluster.name
    stack = scenario.cluster.stack.name
    phase = configuration.phase.rawValue
    plan = Plan(scenario.plan)
    schedule = scenario.scheduleLabel
    options = configuration.phase == .train ? configuration.optionLabels : []
    sequenceLength = configuration.sequenceLength
    microBatchSize = configuration.microBatchSize
    globalBatchSize = scenario.globalBatchSize
    stepSeconds = estimate.step.value
    tokensPerSecondPerGpu = estimate.tokensPerSecondPerGPU
    modelTflopsPerGpu = estimate.modelThroughput.teraflopsPerSecond
    mfu = estimate.utilization
    ranks = scenario.plan.worldSize
    classes = estimate.folding.classes
    contention = estimate.mode.sharesLinks
    nodes = estimate.graph.nodeCount
    edges = estimate.graph.edgeCount
    microbatches = configuration.microbatches
    bubbleFraction = share(sum[.bubble])
    exposedCommunicationFraction = share(sum.exposedCommunication)
    overlapFraction = estimate.overlap.hiddenShare
    breakdownSeconds = Dictionary(
      uniqueKeysWithValues: TimeClass.allCases.map { ($0.label, sum[$0].seconds.value) })
    memory = Memory(
      peakBytes: estimate.peakMemory.count, capacityBytes: estimate.memoryCapacity.count,
      fits: estimate.fitsMemory,
      stages: estimate.memory.map { Stage($0, in: estimate) },
      remedies: remedies.map { MemoryRemediesJSON($0) })
    let spans = estimate.criticalPath.spans
    let length = estimate.timeline.makespan.seconds.value
    criticalPath = Path(
      seconds: length, operations: estimate.criticalPath.segments.count,
      shares: Dictionary(
        uniqueKeysWithValues: spans.map { ($0.key.label, $0.value.seconds.value / length) }),
      ranks: estimate.criticalPath.ranks)
    parameters = scenario.model.parameters.total
    modelFlopsPerToken = estimate.modelFLOPsPerToken.count
    let serving = estimate.serving
    cudaGraphs = configuration.usesCUDAGraphs
    timeToFirstTokenSeconds = serving?.timeToFirstToken?.value
    timePerOutputTokenSeconds = serving?.timePerOutputToken?.value
    tokensPerSecondPerUser = serving?.tokensPerSecondPerUser
    kvCacheFormat = serving.map { _ in configuration.keyValueCacheFormat.rawValue }
    kvCacheBytesPerToken = serving?.keyValueCacheBytesPerToken.count
    kvCacheBytesPerSequence = serving?.keyValueCachePerSequence.count
    maxBatchPerReplica = serving?.maximumBatchPerReplica
    self.unequalRanks = unequalRanks.map { UnequalRanksJSON($0, of: estimate) }
  }
}

extension EstimateJSON.Stage {
  init(_ memory: StageMemory, in estimate: Estimate) {
    let breakdown = estimate.breakdown.stages[memory.pipelineRank]
    stage = memory.pipelineRank
    parametersBytes = memory.parameters.count
    gradientsBytes = memory.gradients.count
    optimizerBytes = memory.optimizer.count
    activationsBytes = memory.activations.count
    keyValueCacheBytes = memory.keyValueCache.count
    communicationBytes = memory.communication.count
    workspaceBytes = memory.workspace.count
    reserveBytes = memory.reserve.count
    fragmentationBytes = memory.fragmentation.count
    peakSeconds = Ticks(memory.time).seconds.value
    ownersBytes = Dictionary(
      uniqueKeysWithValues: memory.breakdown.owners.map {
        ($0.label, memory.breakdown[$0].count)
      })
    peakBytes = memory.peak.count
    bubbleSeconds =
      breakdown[.bubble].seconds.value / Double(estimate.scenario.plan.stageSize)
    bubbleFraction =
      Double(breakdown[.bubble].picoseconds) / Double(max(1, breakdown.total.picoseconds))
  }
}

/// One JSON object: sorted snake-case keys, so that equal results are equal bytes.
func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
}

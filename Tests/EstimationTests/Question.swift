import Estimation
import Graph
import Hardware
import Model
import Parallelism

/// A step of a preset on a cluster, in the words of the command line.
struct Question {
  var model: String
  var plan: String
  var phase = StepPhase.train
  var sequenceLength = 4096
  var microBatchSize = 1
  var microbatches = 4
  var sequenceParallel: Bool?

  static let dense = Question(model: "llama-3-8b", plan: "TP2-PP2-DP2")
  static let experts = Question(model: "qwen3-30b-a3b", plan: "EP4-TP2-PP2", sequenceLength: 1024)

  /// A dense and a sparse model, with and without pipeline, in every phase.
  static let examples: [Question] = [
    .dense, .experts, Question(model: "llama-3-8b", plan: "DP1"),
    Question(model: "llama-3-8b", plan: "CP2-TP2", sequenceLength: 8192),
    Question(model: "llama-3-8b", plan: "TP2-PP2-VPP2"),
    Question(model: "llama-3-8b", plan: "TP2-PP2", phase: .prefill),
    Question(model: "qwen3-30b-a3b", plan: "EP8", phase: .prefill, microbatches: 1),
    Question(
      model: "llama-3-8b", plan: "TP2-PP2", phase: .decode, microBatchSize: 32,
      sequenceParallel: false),
    Question(
      model: "qwen3-30b-a3b", plan: "EP8", phase: .decode, microBatchSize: 32, microbatches: 1),
  ]

  func scenario(on cluster: String = "dgx-h100") throws -> Scenario {
    try Scenario(
      model: TransformerModel(named: model),
      plan: ParallelPlan(parsing: plan, sequenceParallel: sequenceParallel),
      configuration: StepConfiguration(
        phase: phase, sequenceLength: sequenceLength, microBatchSize: microBatchSize,
        microbatches: microbatches),
      cluster: Cluster.named(cluster))
  }

  func estimate() throws -> Estimate { try Estimate(scenario()) }
}

extension Question: CustomStringConvertible {
  var description: String { "\(model) \(plan) \(phase.rawValue)" }
}

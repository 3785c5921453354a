import Graph
import Memory
import Model
import Parallelism
import Testing
import Units

/// Weights, gradients and optimizer against Megatron-LM's `theoretical_memory_usage.py`, run on the
/// same layouts.
@Suite("persistent memory")
struct PersistentMemoryTests {
  /// One run of Megatron's estimator: bytes of its most loaded rank.
  struct Estimate: CustomTestStringConvertible, Sendable {
    let model: String
    let plan: ParallelPlan
    var isDistributed = true
    let bytes: Int
    /// Parameters of that rank that the estimator does not see.
    var unseen = 0

    var testDescription: String { "\(model) \(plan)" }
  }

  /// Learned positions, and in each of six layers the biases of four projections; less the 117 rows
  /// per rank by which the estimate pads the vocabulary, and its share of the final norm.
  static let unseenOfGPT: Int = {
    let hidden = 12_288
    let biases = 3 * hidden / 8 + hidden + 4 * hidden / 8 + hidden
    return 2048 * hidden + 6 * biases - 117 * hidden - 2 * hidden / 16
  }()

  static let estimates = [
    Estimate(
      model: "qwen3-30b-a3b",
      plan: ParallelPlan(tensor: 4, pipeline: 2, expert: 8, expertTensor: 4, data: 32),
      bytes: 5_335_468_416),
    Estimate(
      model: "qwen3-30b-a3b",
      plan: ParallelPlan(tensor: 4, pipeline: 2, expert: 8, expertTensor: 1, data: 32),
      bytes: 13_489_195_392),
    Estimate(
      model: "mixtral-8x7b",
      plan: ParallelPlan(tensor: 2, pipeline: 4, expert: 8, expertTensor: 1, data: 8),
      bytes: 18_663_710_208),
    Estimate(
      model: "llama-3-8b", plan: ParallelPlan(tensor: 2, pipeline: 4, data: 8),
      bytes: 8_513_625_600),
    Estimate(
      model: "llama-3-8b", plan: ParallelPlan(data: 8), bytes: 60_226_959_360),
    Estimate(
      model: "gpt3-175b", plan: ParallelPlan(tensor: 8, pipeline: 16, data: 8),
      bytes: 10_784_206_080, unseen: unseenOfGPT),
    Estimate(
      model: "gpt3-175b", plan: ParallelPlan(tensor: 8, pipeline: 16, data: 8),
      isDistributed: false, bytes: 25_882_094_592, unseen: unseenOfGPT),
  ]

  @Test("the most loaded rank holds what Megatron estimates", arguments: estimates)
  func mostLoadedRank(estimate: Estimate) throws {
    let stages = try stageMemories(
      estimate.model, estimate.plan, sequence: 2048, microbatches: 16
    ) { $0.sharding = estimate.isDistributed ? .optimizer : .none }
    let most = stages.map(\.persistent.count).max() ?? 0
    let perParameter = estimate.isDistributed ? 6 + 12.0 / Double(estimate.plan.data) : 18
    let expected = Double(estimate.bytes) + perParameter * Double(estimate.unseen)
    // What is left: weights of query and key norms, which the estimator ignores, and the final norm,
    // which it spreads over stages.
    #expect(abs(Double(most) / expected - 1) < 1e-5)
  }

  @Test("the first stage of the flagship holds 5,335,501,056 bytes")
  func flagship() throws {
    let plan = ParallelPlan(tensor: 4, pipeline: 2, expert: 8, expertTensor: 4, data: 32)
    let stages = try stageMemories("qwen3-30b-a3b", plan)
    #expect(stages[0].persistent == Bytes(5_335_501_056))
    // 2 + 4 bytes per parameter, and 12 over 32 or over 4 replicas.
    #expect(stages[0].parameters == Bytes(2 * (197_433_344 + 452_984_832)))
    #expect(stages[0].gradients == 2 * stages[0].parameters)
    #expect(
      stages[0].optimizer == Bytes(12 * 197_433_344 / 32 + 12 * 452_984_832 / 4))
    #expect(stages[0].keyValueCache == .zero)
  }

  @Test("without ZeRO-1 a parameter takes 18 bytes")
  func replicatedOptimizer() throws {
    let plan = ParallelPlan(tensor: 2, pipeline: 4, data: 8)
    let stages = try stageMemories("llama-3-8b", plan) { $0.sharding = .none }
    for memory in stages {
      #expect(memory.persistent.count == 9 * memory.parameters.count)
    }
  }
}

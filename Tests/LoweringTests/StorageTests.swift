import Graph
import Parallelism
import Testing
import Units

@testable import Lowering

/// A chain of grouped-query layers with a gated block: sizes by hand from the model's dimensions.
@Suite("what a microbatch keeps for which gradient")
struct StorageTests {
  private let tokens = 32
  private let hidden = 64
  private let inner = 160
  /// Query, and key or value elements of a token.
  private let query = 64
  private let key = 32

  private func storage(_ recomputation: Recomputation = .none) throws -> StageStorage {
    var configuration = StepConfiguration(sequenceLength: tokens, microbatches: 1)
    configuration.recomputation = recomputation
    return try StepGraph(
      lowering: PublishedOrderTests.chain(layers: 2), under: ParallelPlan(), as: configuration,
      order: PipelineSchedule.gpipe.order(ranks: 1, microbatches: 1)
    ).programs[0].storage
  }

  private func bytes(_ activations: [SavedActivation], forWeights: Bool) -> Int {
    activations.filter { $0.layer == 0 && $0.isKeptForWeightGradient == forWeights }
      .reduce(0) { $0 + $1.bytes.count }
  }

  @Test("products' inputs stay until their weight gradients, all else goes with the input gradient")
  func release() throws {
    let activations = try storage().activations
    // Inputs of the projections, of the output projection, of both products of the block.
    #expect(
      bytes(activations, forWeights: true) == 2 * tokens * (hidden + query + hidden + inner))
    // Inputs of two norms; query, key, value and one fp32 statistic per head; input of the activation.
    #expect(
      bytes(activations, forWeights: false)
        == 2 * tokens * (2 * hidden + query + 2 * key + 2 * inner) + 4 * tokens * 8)
  }

  @Test("gradients of products' outputs wait for the weight gradients")
  func gradients() throws {
    #expect(
      bytes(try storage().weightOperands, forWeights: true)
        == 2 * tokens * (query + 2 * key + hidden + 2 * inner + hidden))
  }

  @Test(
    "what is computed again counts from its second computation, and nothing counts twice",
    arguments: [
      Recomputation.uniform(interval: 1), .block(layers: 1), .selective([.feedForward]),
      .selective([.layerNorm]), .selective([.coreAttention]),
    ])
  func recomputed(recomputation: Recomputation) throws {
    let plain = try storage()
    let again = try storage(recomputation)
    #expect(
      bytes(again.activations, forWeights: true) + bytes(again.weightOperands, forWeights: true)
        == bytes(plain.activations, forWeights: true)
        + bytes(plain.weightOperands, forWeights: true))
  }
}

import Graph
import Lowering
import Model
import Parallelism
import Testing
import Units

@Suite("Inference steps")
struct InferenceTests {
  private func graph(
    _ name: String, _ plan: ParallelPlan, _ phase: StepPhase, batch: Int = 4,
    adjust: (inout StepConfiguration) -> Void = { _ in }
  ) throws -> StepGraph {
    var configuration = StepConfiguration(
      phase: phase, sequenceLength: 4096, microBatchSize: batch, microbatches: 1,
      schedule: .forwardOnly)
    adjust(&configuration)
    return try lower(TransformerModel(named: name), plan, configuration)
  }

  private func works(_ kind: OperationKind, in graph: StepGraph) -> Set<Work> {
    Set(graph.programs[0].operations.filter { $0.kind == kind }.map { graph.works[$0.work] })
  }

  @Test("decode reads the cached latents of multi-head latent attention as one head")
  func absorbed() throws {
    let graph = try graph("deepseek-v3", ParallelPlan(tensor: 4, sequenceParallel: false), .decode)
    #expect(
      works(.attention, in: graph) == [
        .attention(
          AttentionKernel(
            batch: 4, heads: 32, keyValueHeads: 1, queryLength: 1, keyLength: 4096,
            queryKeyDimension: 576, valueDimension: 512))
      ])
    #expect(
      works(.queryToLatent, in: graph) == [
        .matrixMultiply(MatrixMultiply(rows: 4, columns: 512, inner: 128, batch: 32))
      ])
    #expect(
      works(.latentToValue, in: graph) == [
        .matrixMultiply(MatrixMultiply(rows: 4, columns: 128, inner: 512, batch: 32))
      ])
    #expect(works(.keyValueUp, in: graph).isEmpty)
    try graph.validate()
  }

  @Test("prefill expands the latents into keys and values of every head")
  func expanded() throws {
    let graph = try graph("deepseek-v3", ParallelPlan(tensor: 4), .prefill)
    #expect(works(.keyValueUp, in: graph).count == 1)
    #expect(works(.queryToLatent, in: graph).isEmpty)
    try graph.validate()
  }

  @Test("both forms of latent attention hold the same weights")
  func weights() throws {
    let counts = try [StepPhase.decode, .prefill].map { phase in
      try graph("deepseek-v3", ParallelPlan(tensor: 4), phase).programs[0].storage.parameters
        .reduce(0) { $0 + $1.elements }
    }
    #expect(counts[0] == counts[1])
  }

  @Test("prefill gathers and projects the last token of each sequence only")
  func lastTokens() throws {
    let graph = try graph("llama-3-8b", ParallelPlan(tensor: 4), .prefill, batch: 8)
    let gather = Collective(
      .allGather, over: .tensor, input: Bytes(2 * 4096 * 2), output: Bytes(8 * 4096 * 2))
    #expect(works(.headGather, in: graph) == [.collective(gather)])
    #expect(
      works(.head, in: graph) == [
        .matrixMultiply(MatrixMultiply(rows: 8, columns: 128_256 / 4, inner: 4096))
      ])
  }

  @Test("ranks that share a cache combine their parts of a token's attention")
  func sharedCache() throws {
    let graph = try graph("llama-3-8b", ParallelPlan(tensor: 2, context: 4), .decode, batch: 8)
    try graph.validate()
    let statistics = Bytes(8 * 16 * 4)
    let output = Bytes(8 * 16 * 128 * 2)
    #expect(
      works(.contextExchange, in: graph) == [
        .collective(
          Collective(.allGather, over: .context, input: statistics, output: 4 * statistics)),
        .collective(Collective(.allReduce, over: .context, input: output, output: output)),
      ])
    let exchanges = graph.programs[0].operations.count { $0.kind == .contextExchange }
    #expect(exchanges == 2 * 32)
    #expect(
      works(.contextExchange, in: try self.graph("llama-3-8b", ParallelPlan(), .decode)).isEmpty)
  }

  @Test("decode reads keys and values in the cache's format and within the window")
  func cacheFormat() throws {
    let graph = try graph("gpt-oss-20b", ParallelPlan(), .decode) {
      $0.keyValueCacheFormat = .fp8
    }
    let kernels = works(.attention, in: graph).compactMap { work -> AttentionKernel? in
      if case .attention(let kernel) = work { kernel } else { nil }
    }
    #expect(kernels.allSatisfy { $0.format == .fp8 && $0.keyLength == 4096 })
    #expect(Set(kernels.map(\.window)) == [nil, 128])
  }
}

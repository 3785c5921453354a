import Graph
import Memory
import Model
import Parallelism
import Testing
import Units

@Suite("activation memory")
struct ActivationMemoryTests {
  @Test("1F1B keeps min(m, p − r) microbatches, GPipe all", arguments: [1, 2, 4, 8], [1, 3, 8])
  func inFlight(ranks: Int, microbatches: Int) throws {
    let plan = ParallelPlan(pipeline: ranks)
    for schedule in [PipelineSchedule.oneForwardOneBackward, .gpipe] {
      let stages = try stageMemories(
        "llama-3-8b", plan, sequence: 128, microbatches: microbatches, schedule: schedule)
      for (rank, memory) in stages.enumerated() {
        let expected = schedule == .gpipe ? microbatches : min(microbatches, ranks - rank)
        #expect(memory.inFlight == expected)
      }
    }
  }

  @Test(
    "interleaved 1F1B keeps min(mv, (v − 1)p + 2(p − 1 − r) + 1) chunks",
    arguments: [2, 4], [2, 4])
  func interleavedInFlight(ranks: Int, chunks: Int) throws {
    let microbatches = 2 * ranks
    let plan = ParallelPlan(pipeline: ranks, virtualPipeline: chunks)
    let stages = try stageMemories(
      "llama-3-8b", plan, sequence: 128, microbatches: microbatches)
    for (rank, memory) in stages.enumerated() {
      let expected = min(
        microbatches * chunks, (chunks - 1) * ranks + 2 * (ranks - 1 - rank) + 1)
      #expect(memory.inFlight == expected)
    }
  }

  @Test("a middle stage keeps its layers' activations once per microbatch in flight")
  func proportional() throws {
    let graph = try loweredGraph(
      "llama-3-8b", ParallelPlan(tensor: 2, pipeline: 4, data: 2), microbatches: 8)
    let program = graph.programs[1]
    let perMicrobatch = program.storage.activations.reduce(0) { $0 + $1.bytes.count }
    let timeline = MemoryTimeline(of: program, in: graph)
    #expect(timeline.most(where: \.isActivation) == Bytes(3 * perMicrobatch))
  }

  /// Bytes that one layer of a middle stage saves for one microbatch.
  private func perLayer(_ graph: StepGraph) -> Int {
    let saved = graph.programs[1].storage.activations
    let layer = saved.compactMap(\.layer).min()
    return saved.filter { $0.layer == layer }.reduce(0) { $0 + $1.bytes.count }
  }

  @Test("a modern dense layer saves the derived list", arguments: [1, 2, 4, 8])
  func modernLayer(tensor: Int) throws {
    let graph = try loweredGraph("llama-3-8b", ParallelPlan(tensor: tensor, pipeline: 2))
    let tokens = 4096
    let (hidden, heads, keyValueHeads, dimension, inner) = (4096, 32, 8, 128, 14_336)
    let norms = 2 * (2 * tokens * hidden)
    let attention =
      2 * tokens * heads * dimension + 4 * tokens * keyValueHeads * dimension
      + 2 * tokens * heads * dimension + 4 * tokens * heads
    let linears = 2 * (2 * tokens * hidden)
    let feedForward = 4 * tokens * inner + 2 * tokens * inner
    #expect(perLayer(graph) == (norms + attention + linears + feedForward) / tensor)
  }

  @Test(
    "a GPT layer with flash attention saves Korthikanti's 34·s·b·h/t and the softmax statistics",
    arguments: [1, 2, 4])
  func gptLayer(tensor: Int) throws {
    let graph = try loweredGraph(
      "gpt2", ParallelPlan(tensor: tensor, pipeline: 2), sequence: 1024)
    let share = 1024 * 768 / tensor
    let statistics = 4 * 1024 * 12 / tensor
    #expect(perLayer(graph) == 34 * share + statistics)
  }

  @Test("inference keeps nothing for a backward, and the cache that it is given")
  func inference() throws {
    let graph = try loweredGraph(
      "llama-3-8b", ParallelPlan(tensor: 2), schedule: .forwardOnly
    ) { $0.phase = .prefill }
    let memory = StageMemory(
      of: graph.programs[0], in: graph, keyValueCache: .mebibytes(512))
    #expect(memory.gradients == .zero && memory.optimizer == .zero)
    #expect(memory.keyValueCache == .mebibytes(512))
    #expect(memory.inFlight == 1)
    #expect(
      memory.peak == memory.parameters + memory.transient + .mebibytes(512) + memory.reserve)
  }
}

import Graph
import Parallelism
import Simulation
import TestGraphs
import Testing
import Units

/// Makespans of pipelines whose closed forms are published (GPipe, PipeDream-flush, Megatron-2) or, with
/// latency, derived from replays of upstream schedules.
@Suite("pipeline makespans")
struct PipelineMakespanTests {
  private static let forward: Int64 = 1000
  private static let backward: Int64 = 2100
  private static let slot = forward + backward

  private func makespan(
    _ schedule: PipelineSchedule, ranks: Int, chunks: Int = 1, microbatches: Int,
    transfer: Int64 = 0
  ) throws -> Int64 {
    let order = try schedule.order(ranks: ranks, chunks: chunks, microbatches: microbatches)
    let sketch = StepSketch(
      order, forward: Self.forward, backward: Self.backward, transfer: transfer)
    try sketch.graph.validate()
    return try EventDrivenExecutor(sketch.graph, costs: sketch.costs()).run().makespan.picoseconds
  }

  @Test("GPipe takes (m + p − 1)(F + B) + 2(p − 1)c", arguments: 1...6, [1, 2, 3, 5, 8])
  func gpipe(ranks: Int, microbatches: Int) throws {
    for transfer in [0, 30] as [Int64] {
      let expected =
        Int64(microbatches + ranks - 1) * Self.slot + 2 * Int64(ranks - 1) * transfer
      let found = try makespan(
        .gpipe, ranks: ranks, microbatches: microbatches, transfer: transfer)
      #expect(found == expected)
    }
  }

  @Test(
    "1F1B takes (m + p − 1)(F + B), even with fewer microbatches than ranks",
    arguments: 1...6, [1, 2, 3, 5, 8])
  func oneForwardOneBackward(ranks: Int, microbatches: Int) throws {
    let expected = Int64(microbatches + ranks - 1) * Self.slot
    let found = try makespan(.oneForwardOneBackward, ranks: ranks, microbatches: microbatches)
    #expect(found == expected)
  }

  @Test("with latency 1F1B takes c·(2(p − 1)m/p + 2(p − 2)) longer", arguments: 2...8, 1...4)
  func latency(ranks: Int, turns: Int) throws {
    let microbatches = ranks * turns
    let trips = 2 * (ranks - 1) * microbatches / ranks + 2 * (ranks - 2)
    let expected = Int64(microbatches + ranks - 1) * Self.slot + 30 * Int64(trips)
    let found = try makespan(
      .oneForwardOneBackward, ranks: ranks, microbatches: microbatches, transfer: 30)
    #expect(found == expected)
  }

  @Test("interleaved 1F1B takes (mv + p − 1)(F + B) of a chunk", arguments: 2...5, 2...4)
  func interleaved(ranks: Int, chunks: Int) throws {
    for turns in 1...3 {
      let microbatches = ranks * turns
      let expected = Int64(microbatches * chunks + ranks - 1) * Self.slot
      let found = try makespan(
        .oneForwardOneBackward, ranks: ranks, chunks: chunks, microbatches: microbatches)
      #expect(found == expected)
    }
  }
}

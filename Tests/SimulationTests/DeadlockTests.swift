import Graph
import Parallelism
import Simulation
import TestGraphs
import Testing

@Suite("deadlock")
struct DeadlockTests {
  private func deadlock(_ sketch: StepSketch) throws -> String {
    let error = try #require(throws: SimulationError.self) {
      try EventDrivenExecutor(sketch.graph, costs: sketch.costs()).run()
    }
    return error.description
  }

  @Test("two stages that each wait for the other's message before they send are named")
  func cyclicMessages() throws {
    var sketch = StepSketch(ParallelPlan(pipeline: 2))
    let work = sketch.transfer([5])
    let kernel = sketch.kernel(9_000_000, on: 0)
    let received = (0..<2).map { stage in
      sketch.half(.receive, of: work, on: stage, peer: 1 - stage)
    }
    let sent = (0..<2).map { stage in
      sketch.half(.send, of: work, on: stage, peer: 1 - stage, after: [received[stage], kernel])
    }
    sketch.join(sent[0], on: 0, with: received[1], on: 1)
    sketch.join(sent[1], on: 1, with: received[0], on: 0)
    #expect(
      try deadlock(sketch) == """
        deadlock after 9.00 µs: 4 operations can never start; for example
          rank 0: send_activation forward, microbatch 0 waits for receive_activation forward, microbatch 0
          rank 0: receive_activation forward, microbatch 0 waits for a message from stage 1
          rank 1: send_activation forward, microbatch 0 waits for receive_activation forward, microbatch 0
          rank 1: receive_activation forward, microbatch 0 waits for a message from stage 0
        check the pipeline order: a rank may wait for something that its partner does only later
        """)
  }

  @Test("a collective that one stage calls once more is named")
  func missingMember() throws {
    var sketch = StepSketch(ParallelPlan(pipeline: 2))
    sketch.collective([4_000_000], over: .world, on: [0, 1])
    sketch.collective([4_000_000], over: .world, on: [0])
    #expect(
      try deadlock(sketch) == """
        deadlock after 4.00 µs: 1 operation can never start; for example
          rank 0: feed_forward_scatter forward waits for the other members of its WORLD group
        check the pipeline order: a rank may wait for something that its partner does only later
        """)
  }

  @Test("collectives in opposite order on one stream are named")
  func swappedCollectives() throws {
    var sketch = StepSketch(ParallelPlan(tensor: 2, pipeline: 2))
    sketch.collective([4_000_000], over: .world, on: [0])
    sketch.collective([4_000_000], over: .tensorPipeline, on: [0, 1])
    sketch.collective([4_000_000], over: .world, on: [1])
    #expect(
      try deadlock(sketch) == """
        deadlock after 0.00 ns: 8 operations can never start; for example
          rank 0: feed_forward_scatter forward waits for the other members of its WORLD group
          rank 1: feed_forward_scatter forward waits for the other members of its WORLD group
          rank 2: feed_forward_scatter forward waits for the other members of its TPxPP group
          rank 3: feed_forward_scatter forward waits for the other members of its TPxPP group
        check the pipeline order: a rank may wait for something that its partner does only later
        """)
  }

  @Test("no more than eight waiting operations are listed")
  func manyWaiting() throws {
    var sketch = StepSketch(ParallelPlan(pipeline: 2, data: 16))
    sketch.collective([4_000_000], over: .world, on: [0])
    let lines = try deadlock(sketch).split(separator: "\n")
    #expect(lines.count == 10)
    #expect(lines[0].contains("16 operations"))
  }
}

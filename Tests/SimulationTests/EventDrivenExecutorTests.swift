import Cost
import Graph
import Parallelism
import Simulation
import TestGraphs
import Testing
import Units

@Suite("event-driven executor")
struct EventDrivenExecutorTests {
  @Test("every node ends when a recursion over the explicit graph says, on 3,000 random steps")
  func oracle() throws {
    for seed in 0..<3000 {
      let step = RandomStep(seed: seed)
      try step.graph.validate()
      let timeline = try EventDrivenExecutor(step.graph, costs: step.costs).run()
      var oracle = LongestPath(step.graph, costs: step.costs)
      let isEqual = timeline.finishes == oracle.finishes()
      #expect(isEqual, "seed \(seed)")
    }
  }

  @Test("an operation launched before the host was blocked does not wait for the host")
  func launchedEarlier() throws {
    var sketch = StepSketch(ParallelPlan())
    let kernel = sketch.kernel(100, stream: .context)
    let waiting = sketch.kernel(7, after: [kernel])
    sketch.kernel(10, stream: .expert, blocksHost: true)
    let later = sketch.kernel(1)
    let timeline = try EventDrivenExecutor(
      sketch.graph, costs: sketch.costs(launch: 2, hostSync: 200)
    ).run()
    #expect(timeline.finish(rank: 0, operation: waiting) == Instant(2 + 100 + 7))
    #expect(timeline.finish(rank: 0, operation: later) == Instant(6 + 10 + 200 + 2 + 1))
  }

  @Test("a step is at least as long as its busiest stream")
  func busiestStream() throws {
    for seed in 0..<300 {
      let step = RandomStep(seed: seed)
      let timeline = try EventDrivenExecutor(step.graph, costs: step.costs).run()
      for program in step.graph.programs {
        for stream in DeviceStream.allCases {
          let busy = program.operations.filter { $0.stream == stream && $0.meeting == .none }
            .reduce(0) { $0 + step.costs.durations[step.costs.offset[$1.work]].picoseconds }
          #expect(timeline.makespan.picoseconds >= busy, "seed \(seed)")
        }
      }
    }
  }

  @Test("three times the costs take three times as long, node by node")
  func scaling() throws {
    for seed in 0..<300 {
      let step = RandomStep(seed: seed)
      let once = try EventDrivenExecutor(step.graph, costs: step.costs).run()
      let thrice = try EventDrivenExecutor(step.graph, costs: step.costs(scaledBy: 3)).run()
      #expect(thrice.finishes == once.finishes.map { 3 * $0 }, "seed \(seed)")
    }
  }

  @Test("an empty step takes no time")
  func empty() throws {
    let sketch = StepSketch(ParallelPlan(pipeline: 2, data: 2))
    let timeline = try EventDrivenExecutor(sketch.graph, costs: sketch.costs()).run()
    #expect(timeline.makespan == .zero)
    #expect(timeline.finishes.isEmpty)
  }
}

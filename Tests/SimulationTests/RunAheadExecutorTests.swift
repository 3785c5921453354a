import Cost
import Graph
import Parallelism
import Simulation
import TestGraphs
import Testing
import Units

@Suite("run-ahead executor")
struct RunAheadExecutorTests {
  @Test(
    "running ahead, in a window, folded or event by event gives the same ends, on 10,000 random steps",
    arguments: 0..<8)
  func agreement(part: Int) throws {
    for seed in stride(from: part, to: 10_000, by: 8) {
      let step = RandomStep(seed: seed)
      let byEvents = try EventDrivenExecutor(step.graph, costs: step.costs).run()
      let expected = byEvents.finishes
      let executor = RunAheadExecutor(step.graph, costs: step.costs)
      let dense = try executor.run()
      let isDenseEqual = dense.finishes == expected && dense.makespan == byEvents.makespan
      #expect(isDenseEqual, "seed \(seed), dense")
      let outcome = try executor.outcome()
      let areEndsEqual = outcome.ends.indices.allSatisfy {
        outcome.ends[$0] == byEvents.end(of: $0)
      }
      #expect(areEndsEqual && outcome.makespan == byEvents.makespan, "seed \(seed), windowed")
      let folding = Folding(step.graph, costs: step.costs)
      let folded = RunAheadExecutor(step.graph, costs: step.costs, folding: folding)
      #expect(try folded.run().finishes == expected, "seed \(seed), folded")
      #expect(try folded.outcome() == outcome, "seed \(seed), folded and windowed")
    }
  }

  @Test("a captured step starts when its graph has been launched")
  func graphLaunch() throws {
    for seed in 0..<300 {
      let step = RandomStep(seed: seed)
      let costs = StepCosts(
        durations: step.costs.durations, offset: step.costs.offset,
        isPerGroup: step.costs.isPerGroup, launch: step.costs.launch, graphLaunch: Ticks(17),
        hostSync: step.costs.hostSync, domainSize: step.costs.domainSize)
      let expected = try EventDrivenExecutor(step.graph, costs: costs).run().finishes
      let found = try RunAheadExecutor(step.graph, costs: costs).run().finishes
      #expect(found == expected, "seed \(seed)")
    }
  }

  @Test("a message that overtakes a receive is played all the same")
  func overtaking() throws {
    // Each rank lists its receive first, although what it sends does not wait for it.
    var sketch = StepSketch(ParallelPlan(pipeline: 2, data: 2))
    let work = sketch.transfer([5])
    let received = (0..<2).map { sketch.half(.receive, of: work, on: $0, peer: 1 - $0) }
    let sent = (0..<2).map { sketch.half(.send, of: work, on: $0, peer: 1 - $0) }
    sketch.join(sent[0], on: 0, with: received[1], on: 1)
    sketch.join(sent[1], on: 1, with: received[0], on: 0)
    let executor = RunAheadExecutor(sketch.graph, costs: sketch.costs())
    #expect(try executor.run().finishes == [Int64](repeating: 5, count: 8))
    #expect(try executor.outcome().makespan == Ticks(5))
  }

  @Test("a step that cannot end is refused with the same words as event by event")
  func deadlock() throws {
    var sketch = StepSketch(ParallelPlan(pipeline: 2))
    sketch.collective([4_000_000], over: .world, on: [0, 1])
    sketch.collective([4_000_000], over: .world, on: [0])
    let byEvents = #expect(throws: SimulationError.self) {
      try EventDrivenExecutor(sketch.graph, costs: sketch.costs()).run()
    }
    let executor = RunAheadExecutor(sketch.graph, costs: sketch.costs())
    #expect(#expect(throws: SimulationError.self) { try executor.run() } == byEvents)
    #expect(#expect(throws: SimulationError.self) { try executor.outcome() } == byEvents)
  }

  @Test("an empty step takes no time")
  func empty() throws {
    let sketch = StepSketch(ParallelPlan(pipeline: 2, data: 2))
    let executor = RunAheadExecutor(sketch.graph, costs: sketch.costs())
    #expect(try executor.run().makespan == .zero)
    #expect(try executor.outcome().makespan == .zero)
    #expect(executor.timelineSize == .zero)
  }

  @Test("a timeline says before it is made how much it will keep")
  func size() throws {
    var sketch = StepSketch(ParallelPlan(tensor: 2, pipeline: 2, data: 3))
    for _ in 0..<50 { sketch.kernel(3, on: 0) }
    for _ in 0..<20 { sketch.kernel(3, on: 1) }
    let executor = RunAheadExecutor(sketch.graph, costs: sketch.costs())
    #expect(executor.timelineSize == Bytes(8 * 70 * 6))
    #expect(executor.outcomeSize <= Bytes(8 * 4 * 6))
  }

  @Test("a timeline that does not fit is refused with the number and what to do")
  func tooLarge() throws {
    var sketch = StepSketch(ParallelPlan(tensor: 2, pipeline: 2, data: 3))
    for _ in 0..<50 { sketch.kernel(3, on: 0) }
    let executor = RunAheadExecutor(sketch.graph, costs: sketch.costs())
    try executor.checkTimeline(fits: Bytes(2400))
    let error = #expect(throws: SimulationError.self) {
      try executor.checkTimeline(fits: Bytes(1024))
    }
    #expect(
      error?.description == """
        the ends of 300 nodes take 2.34 KiB, but 1.00 KiB of memory are left; keep only the ends of \
        ranks, which takes 96 B, or play one rank for all that do the same (2 classes)
        """)
  }
}

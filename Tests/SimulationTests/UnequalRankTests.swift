import Cost
import Graph
import Parallelism
import Simulation
import TestGraphs
import Testing
import Units

@Suite("unequal ranks")
struct UnequalRankTests {
  /// Random stragglers, and now and then jitter.
  private func variation(of step: RandomStep, seed: Int) -> KernelVariation {
    var random = SeededGenerator(seed: seed + 77)
    let ranks = step.graph.grid.worldSize
    return KernelVariation(
      slowness: (0..<ranks).map { _ in
        random.once(in: 3) ? .random(in: 0.2...6, using: &random) : 1
      },
      jitter: random.once(in: 2)
        ? Jitter(
          kernel: random.once(in: 2) ? 0.8 : 0, rank: random.once(in: 2) ? 0.7 : 0,
          seed: UInt64(seed)) : nil, sample: seed % 5)
  }

  @Test(
    "recursion, events, running ahead, in a window and folded agree on 1,600 random steps",
    arguments: 0..<4)
  func agreement(part: Int) throws {
    for seed in stride(from: part, to: 1600, by: 4) {
      let step = RandomStep(seed: seed)
      let costs = try step.costs(scaledBy: 1000).varying(variation(of: step, seed: seed))
      let byEvents = try EventDrivenExecutor(step.graph, costs: costs).run()
      let expected = byEvents.finishes
      var slow = LongestPath(step.graph, costs: costs)
      #expect(slow.finishes() == expected, "seed \(seed), recursion")
      let executor = RunAheadExecutor(step.graph, costs: costs)
      #expect(try executor.run().finishes == expected, "seed \(seed), dense")
      #expect(try executor.outcome().makespan == byEvents.makespan, "seed \(seed), windowed")
      let folding = Folding(step.graph, costs: costs)
      let folded = RunAheadExecutor(step.graph, costs: costs, folding: folding)
      #expect(try folded.run().finishes == expected, "seed \(seed), folded")
      #expect(try folded.outcome().makespan == byEvents.makespan, "seed \(seed), folded window")
    }
  }

  @Test("a sample of the random factors is the step that has them")
  func samples() throws {
    for seed in 0..<200 {
      let step = RandomStep(seed: seed)
      let jitter = Jitter(kernel: 0.5, rank: 0.3, seed: 5)
      let even = [Double](repeating: 1, count: step.graph.grid.worldSize)
      let costs = step.costs(scaledBy: 1000)
      let executor = RunAheadExecutor(
        step.graph, costs: try costs.varying(KernelVariation(slowness: even, jitter: jitter)))
      for sample in [0, 1, 7] {
        let drawn = KernelVariation(slowness: even, jitter: jitter, sample: sample)
        let expected = try EventDrivenExecutor(step.graph, costs: costs.varying(drawn)).run()
        #expect(try executor.outcome(ofSample: sample).makespan == expected.makespan)
      }
    }
  }

  @Test("factors of 1 change nothing, on 500 random steps")
  func identity() throws {
    for seed in 0..<500 {
      let step = RandomStep(seed: seed)
      let even = KernelVariation(
        slowness: [Double](repeating: 1, count: step.graph.grid.worldSize),
        jitter: Jitter(seed: 9))
      let costs = try step.costs.varying(even)
      let expected = try RunAheadExecutor(step.graph, costs: step.costs).run().finishes
      #expect(try RunAheadExecutor(step.graph, costs: costs).run().finishes == expected)
      #expect(try EventDrivenExecutor(step.graph, costs: costs).run().finishes == expected)
      #expect(
        Folding(step.graph, costs: costs) == Folding(step.graph, costs: step.costs),
        "seed \(seed)")
    }
  }

  @Test("a slower rank never shortens a step of fixed orders, on 500 random steps")
  func monotone() throws {
    for seed in 0..<500 {
      let step = RandomStep(seed: seed)
      let ranks = step.graph.grid.worldSize
      let costs = step.costs(scaledBy: 1000)
      var last = try RunAheadExecutor(step.graph, costs: costs).outcome().makespan
      for factor in [1.0, 1.3, 2, 10] {
        var slowness = [Double](repeating: 1, count: ranks)
        slowness[seed % ranks] = factor
        let slow = try costs.varying(KernelVariation(slowness: slowness))
        let makespan = try RunAheadExecutor(step.graph, costs: slow).outcome().makespan
        #expect(makespan >= last, "seed \(seed), factor \(factor)")
        last = makespan
      }
    }
  }

  @Test("one slow rank of a tensor group without slack stretches the kernels of the step")
  func closedForm() throws {
    var sketch = StepSketch(ParallelPlan(tensor: 4, data: 2))
    var last = [Int]()
    for _ in 0..<10 {
      let kernel = sketch.kernel(1000, after: last)
      last = sketch.collective([70], over: .tensor, after: [[kernel]])
    }
    var slowness = [Double](repeating: 1, count: 8)
    slowness[2] = 1.25
    let costs = try sketch.costs().varying(KernelVariation(slowness: slowness))
    let timeline = try RunAheadExecutor(sketch.graph, costs: costs).run()
    for rank in 0..<4 { #expect(timeline.end(of: rank) == Instant(10 * (1250 + 70))) }
    for rank in 4..<8 { #expect(timeline.end(of: rank) == Instant(10 * (1000 + 70))) }
    let trace = RankTrace(timeline, rank: 2)
    #expect(zip(trace.finishes, trace.starts).map { $0 - $1 }.prefix(2) == [1250, 70])
  }

  @Test("only kernels of the device vary, not communication")
  func communication() throws {
    var sketch = StepSketch(ParallelPlan(tensor: 2, pipeline: 2))
    for stage in 0..<2 { sketch.collective([70], over: .tensor, on: [stage]) }
    sketch.message([30], from: 0, to: 1)
    let slow = KernelVariation(slowness: [9, 9, 9, 9], jitter: Jitter(kernel: 1))
    let costs = try sketch.costs().varying(slow)
    #expect(
      try EventDrivenExecutor(sketch.graph, costs: costs).run().finishes
        == EventDrivenExecutor(sketch.graph, costs: sketch.costs()).run().finishes)
  }

  @Test("a slow rank makes classes of itself and of those that it meets")
  func folding() throws {
    var sketch = StepSketch(ParallelPlan(tensor: 2, data: 4))
    let kernel = sketch.kernel(1000)
    sketch.collective([70], over: .tensor, after: [[kernel]])
    var slowness = [Double](repeating: 1, count: 8)
    slowness[3] = 1.2
    let costs = try sketch.costs().varying(KernelVariation(slowness: slowness))
    // The slow rank, its partner, and the other six.
    #expect(Folding(sketch.graph, costs: costs).classes == 3)
    let jitter = KernelVariation(
      slowness: [Double](repeating: 1, count: 8), jitter: Jitter(kernel: 0.1))
    #expect(Folding(sketch.graph, costs: try sketch.costs().varying(jitter)).isTrivial)
  }
}

import Cost
import Graph
import Parallelism
import Simulation
import TestGraphs
import Testing
import Units

@Suite("folding")
struct FoldingTests {
  /// Two kernels on every rank of two stages, a collective of each tensor group between them.
  private func sketch(tensorDurations: [Int64]) -> StepSketch {
    var sketch = StepSketch(ParallelPlan(tensor: 2, pipeline: 2, data: 3))
    for stage in 0..<2 {
      let first = sketch.kernel(10, on: stage)
      let met = sketch.collective(tensorDurations, over: .tensor, on: [stage], after: [[first]])
      sketch.kernel(10, on: stage, after: met)
    }
    return sketch
  }

  @Test("ranks that do the same fall into one class per stage")
  func symmetric() throws {
    let sketch = sketch(tensorDurations: [4])
    let folding = Folding(sketch.graph, costs: sketch.costs())
    #expect(folding.classes == 2)
    #expect(folding.ranks == 12)
    #expect(!folding.isTrivial)
  }

  @Test("a group that costs more is a class of its own")
  func unequalCosts() throws {
    let sketch = sketch(tensorDurations: [4, 4, 9, 4, 4, 4])
    #expect(Folding(sketch.graph, costs: sketch.costs()).classes == 3)
  }

  @Test("whoever meets a rank that differs differs too")
  func contagion() throws {
    var sketch = sketch(tensorDurations: [4, 4, 9, 4, 4, 4])
    // Data groups join the ranks of the slow tensor group with the others.
    sketch.collective([2], over: .data, on: [0])
    #expect(Folding(sketch.graph, costs: sketch.costs()).classes == 3)
    // Ranks of the next stage hear from slow or other ranks.
    sketch.message([1], from: 0, to: 1)
    #expect(Folding(sketch.graph, costs: sketch.costs()).classes == 4)
  }

  @Test("a rank alone in its program is a class")
  func lonely() throws {
    let sketch = StepSketch(ParallelPlan(pipeline: 3))
    let folding = Folding(sketch.graph, costs: sketch.costs())
    #expect(folding.classes == 3)
    #expect(folding.isTrivial)
  }

  @Test("a folded timeline answers for every rank")
  func answers() throws {
    let sketch = sketch(tensorDurations: [4, 4, 9, 4, 4, 4])
    let costs = sketch.costs()
    let folding = Folding(sketch.graph, costs: costs)
    let timeline = try RunAheadExecutor(sketch.graph, costs: costs, folding: folding).run()
    #expect(timeline.finish(rank: 3, operation: 2) == Instant(24))
    #expect(timeline.finish(rank: 4, operation: 2) == Instant(29))
    #expect(timeline.end(of: 5) == Instant(29))
    #expect(timeline.twins()[3] == timeline.twins()[0])
    #expect(timeline.twins()[4] != timeline.twins()[0])
    #expect(timeline.representatives == [0, 0, 0, 0, 4, 4, 6, 6, 6, 6, 6, 6])
  }
}

import Cost
import Graph
import Hardware
import Lowering
import Model
import Parallelism
import Simulation
import Testing
import Units

@Suite("flagship on 256 GPUs")
struct FlagshipTests {
  private func step(microbatches: Int) throws -> (graph: StepGraph, costs: StepCosts) {
    let plan = ParallelPlan(tensor: 4, pipeline: 2, expert: 8, data: 32)
    let configuration = StepConfiguration(sequenceLength: 4096, microbatches: microbatches)
    let order = try configuration.schedule.order(ranks: 2, microbatches: microbatches)
    let graph = try StepGraph(
      lowering: TransformerModel(named: "qwen3-30b-a3b"), under: plan, as: configuration,
      order: order)
    return (graph, try StepCosts(graph: graph, cluster: .named("dgx-h100")))
  }

  private func play(microbatches: Int) throws -> Timeline {
    let step = try step(microbatches: microbatches)
    return try EventDrivenExecutor(step.graph, costs: step.costs).run()
  }

  @Test("running ahead, in a window and folded into two classes give the same ends")
  func agreement() throws {
    let (graph, costs) = try step(microbatches: 2)
    let expected = try EventDrivenExecutor(graph, costs: costs).run()
    let finishes = expected.finishes
    let executor = RunAheadExecutor(graph, costs: costs)
    #expect(try executor.run().finishes == finishes)
    #expect(try executor.outcome().makespan == expected.makespan)
    let folding = Folding(graph, costs: costs)
    #expect(folding.classes == 2)
    let folded = try RunAheadExecutor(graph, costs: costs, folding: folding).run()
    #expect(folded.finishes == finishes)
    #expect(folded.makespan == expected.makespan)
  }

  @Test("the step ends, the same twice, and more microbatches take longer")
  func determinism() throws {
    let one = try play(microbatches: 1)
    #expect(try play(microbatches: 1).finishes == one.finishes)
    #expect(one.finishes.allSatisfy { $0 > 0 })
    #expect(one.finishes.count == one.graph.nodeCount)
    let two = try play(microbatches: 2)
    #expect(two.makespan > one.makespan)
    #expect(two.makespan < 2 * one.makespan)
  }
}

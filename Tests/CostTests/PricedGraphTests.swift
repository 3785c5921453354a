import Cost
import Graph
import Hardware
import Parallelism
import TestGraphs
import Testing
import Units

@Suite("A step as its software runs it")
struct PricedGraphTests {
  /// Two kernels of 100 after a collective of 80, which only a third kernel needs.
  private func hidden() -> (graph: StepGraph, costs: StepCosts) {
    var sketch = StepSketch(ParallelPlan(data: 2))
    let first = sketch.kernel(50)
    let reduction = sketch.collective([80], over: .data, after: [[first]])[0]
    sketch.kernel(100)
    sketch.kernel(100)
    sketch.kernel(10, after: [reduction])
    return (sketch.graph, sketch.costs())
  }

  private func durations(_ step: PricedGraph) -> [Int64] {
    step.graph.programs[0].operations.map {
      step.costs.duration(ofWork: $0.work, groupIndex: 0).picoseconds
    }
  }

  @Test("the first kernel that hides a collective takes the share of its time longer")
  func hiding() {
    let (graph, costs) = hidden()
    let step = PricedGraph(graph, costs: costs, interference: 0.25)
    #expect(durations(step) == [50, 80, 120, 100, 10])
    #expect(step.graph.programs[0].dependencies == graph.programs[0].dependencies)
    #expect(step.graph.works[..<graph.works.count] == graph.works[...])
  }

  @Test("only the hidden part of a long collective counts")
  func partlyHidden() {
    var sketch = StepSketch(ParallelPlan(data: 2))
    let reduction = sketch.collective([500], over: .data)[0]
    sketch.kernel(100)
    sketch.kernel(10, after: [reduction])
    let step = PricedGraph(sketch.graph, costs: sketch.costs(), interference: 0.5)
    #expect(durations(step) == [500, 150, 10])
  }

  @Test("a collective whose result the next kernel needs slows nothing")
  func exposed() {
    var sketch = StepSketch(ParallelPlan(data: 2))
    let reduction = sketch.collective([80], over: .data)[0]
    sketch.kernel(100, after: [reduction])
    sketch.kernel(100)
    let step = PricedGraph(sketch.graph, costs: sketch.costs(), interference: 0.5)
    #expect(durations(step) == [80, 100, 100])
  }

  @Test("no interference leaves step and costs as they are")
  func none() {
    let (graph, costs) = hidden()
    let step = PricedGraph(graph, costs: costs, interference: 0)
    #expect(step.graph == graph)
    #expect(step.costs == costs)
  }

  @Test("each factor of a stack multiplies the works of its class, and only in training")
  func factors() throws {
    let cluster = try Cluster.named("h100")
    let works: [Work] = [
      .matrixMultiply(MatrixMultiply(rows: 4096, columns: 4096, inner: 4096)),
      .memoryBound(MemoryTraffic(.norm, bytes: .mebibytes(64))),
      .memoryBound(MemoryTraffic(.permute, bytes: .mebibytes(64))),
      .collective(
        Collective(.allGather, over: .tensor, input: .mebibytes(1), output: .mebibytes(8))),
    ]
    var stack = StackProfile(name: "test")
    stack.traffic = 2
    stack.expertTraffic = 3
    stack.tensorExchange = 1.5
    func costs(_ stack: StackProfile, _ phase: StepPhase = .train) throws -> [Double] {
      let configuration = StepConfiguration(phase: phase, sequenceLength: 4096, microbatches: 1)
      let program = StageProgram(
        pipelineRank: 0, operations: [], dependencyStart: [0], dependencies: [])
      let graph = StepGraph(
        grid: RankGrid(ParallelPlan(tensor: 8)), configuration: configuration, programs: [program],
        works: works)
      return try StepCosts(graph: graph, cluster: cluster.running(stack)).durations.map {
        $0.seconds.value
      }
    }
    let ratios = zip(try costs(stack), try costs(.none)).map { $0 / $1 }
    let sustained = cluster.device.sustained.sixteenBit
    for (found, expected) in zip(ratios, [sustained, 2, 3, 1.5]) {
      #expect(abs(found / expected - 1) < 1e-6)
    }
    #expect(try costs(.none, .prefill)[0] == costs(StackProfile(name: "other"), .prefill)[0])
  }

  @Test("unfused attention writes its scores: twice the sequence is four times the traffic")
  func unfused() throws {
    let device = try Cluster.named("a100").device
    func cost(_ length: Int, dimension: Int = 128, isBackward: Bool = false) -> KernelCost {
      unfusedAttentionCost(
        of: AttentionKernel(
          batch: 1, heads: 16, keyValueHeads: 16, queryLength: length, keyLength: length,
          queryKeyDimension: dimension, valueDimension: dimension, isBackward: isBackward),
        on: device)
    }
    #expect(abs(cost(4096).memory / cost(2048).memory - 4) < 1e-9)
    #expect(abs(cost(2048, isBackward: true).memory / cost(2048).memory - 11.0 / 9) < 1e-9)
    #expect(cost(2048, dimension: 108).compute > 2 * cost(2048, dimension: 112).compute)
  }
}

import Graph
import Parallelism
import TestGraphs
import Testing
import Units

@Suite("invariants of a step graph")
struct ValidationTests {
  /// Two stages that exchange one message and agree on two collectives.
  private func sound() -> StepGraph {
    var sketch = StepSketch(ParallelPlan(tensor: 2, pipeline: 2))
    let kernel = sketch.kernel(1, on: 0)
    sketch.message([1], from: 0, to: 1, sendAfter: [kernel])
    sketch.collective([1], over: .tensor, on: [0])
    sketch.collective([1], over: .world, on: [0, 1])
    sketch.collective([1], over: .tensorPipeline, on: [0, 1])
    return sketch.graph
  }

  /// The sound graph with one stage's operations or dependencies replaced.
  private func graph(
    stage: Int, operations change: (inout [Operation]) -> Void = { _ in },
    dependencies: (starts: [Int32], members: [Int32])? = nil, works: [Work] = []
  ) -> StepGraph {
    let graph = sound()
    var programs = graph.programs
    let program = programs[stage]
    var operations = program.operations
    change(&operations)
    let count = operations.count
    programs[stage] = StageProgram(
      pipelineRank: stage, operations: operations,
      dependencyStart: dependencies?.starts ?? Array(repeating: 0, count: count + 1),
      dependencies: dependencies?.members ?? [])
    return StepGraph(
      grid: graph.grid, configuration: graph.configuration, programs: programs,
      works: graph.works + works)
  }

  private func defect(in graph: StepGraph) throws -> GraphDefect {
    try #require(throws: GraphDefect.self) { try graph.validate() }
  }

  @Test("a sound graph passes, and counts its nodes and edges")
  func passes() throws {
    let graph = sound()
    try graph.validate()
    #expect(graph.nodeCount == 2 * (5 + 3))
    #expect(graph.edgeCount == 2 * (1 + 1))
  }

  @Test("thousands of random steps hold their invariants")
  func randomSteps() throws {
    for seed in 0..<2000 { try RandomStep(seed: seed).graph.validate() }
  }

  @Test("a dependency on itself or a later operation is refused")
  func forwardDependency() throws {
    let found = try defect(
      in: graph(stage: 0, dependencies: ([0, 0, 1, 1, 1, 1], [1])))
    #expect(
      found.description == "stage 0: operation 1 depends on 1, which is not before it")
  }

  @Test("an operation without work is refused")
  func workOutOfRange() throws {
    let found = try defect(
      in: graph(stage: 0) {
        $0[0] = Operation(kind: .loss, pass: .forward, stream: .compute, work: 99)
      })
    #expect(found.description == "stage 0: operation 0 has no work in the table")
  }

  @Test(
    "a kernel that is said to meet others is refused, and so is a family its work does not name")
  func workDoesNotMatchMeeting() throws {
    let kernel = try defect(
      in: graph(stage: 0) {
        $0[0] = Operation(
          kind: .loss, pass: .forward, stream: .tensor, meeting: .collective(.tensor), work: 0)
      })
    #expect(
      kernel.description == "stage 0: operation 0 meets others in another way than its work says")
    let family = try defect(
      in: graph(stage: 0) {
        $0[2] = Operation(
          kind: .loss, pass: .forward, stream: .tensor, meeting: .collective(.expert),
          work: $0[2].work)
      })
    #expect(family == .workDoesNotMatchMeeting(stage: 0, operation: 2))
  }

  @Test("a collective over stages that one of them misses is refused")
  func missedCollective() throws {
    let found = try defect(in: graph(stage: 1) { $0.removeLast() })
    #expect(
      found.description
        == "stages 0 and 1 call TPxPP collectives a different number of times")
  }

  @Test("a collective on whose size stages disagree is refused")
  func disagreeing() throws {
    let work = Work.collective(
      Collective(.allGather, over: .world, input: Bytes(8), output: Bytes(32)))
    let found = try defect(
      in: graph(
        stage: 1,
        operations: {
          $0[1] = Operation(
            kind: .gradientNormReduce, pass: .step, stream: .global, meeting: .collective(.world),
            work: sound().works.count, partner: 0)
        }, works: [work]))
    #expect(found.description == "stages 0 and 1 disagree on call 0 of WORLD")
  }

  @Test("a message whose other end names another is refused")
  func unmatched() throws {
    let found = try defect(
      in: graph(stage: 0) { $0[1] = $0[1].placed(microbatch: 0, partner: 1) })
    #expect(found.description == "stage 0: operation 1 has no partner that names it")
  }

  @Test("a message whose ends differ in size is refused")
  func sizes() throws {
    let found = try defect(
      in: graph(
        stage: 1,
        operations: {
          $0[0] = Operation(
            kind: .receiveActivation, pass: .forward, stream: .pipelineReceive, meeting: .receive,
            microbatch: 0, work: sound().works.count, partner: 1, peer: 0)
        }, works: [.transfer(Bytes(7))]))
    #expect(found == .messageSizesDiffer(stage: 0, operation: 1))
    #expect(
      found.description == "stage 0: operation 1 and its partner move different amounts")
  }
}

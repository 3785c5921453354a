import Graph
import Model
import Parallelism
import Simulation
import Testing
import Units

@testable import Lowering

@Suite("token dispatchers")
struct DispatcherTests {
  private static let plans = InvariantTests.plans.filter {
    $0.pipeline == 1 && $0.expert * $0.expertTensor > 1
  }

  private func graph(
    _ dispatcher: ExpertDispatcher, plan: ParallelPlan, capacity: Double? = nil,
    shared: Int = 0, overlaps: Bool = false
  ) throws -> StepGraph {
    var configuration = StepConfiguration(sequenceLength: 128, microbatches: 2)
    configuration.dispatcher = dispatcher
    configuration.capacityFactor = capacity
    configuration.overlapsSharedExperts = overlaps
    var model = InvariantTests.mixture
    for layer in model.layers.indices {
      model.layers[layer].feedForward = .experts(
        MixtureOfExperts(
          experts: 8, topK: 2, intermediateSize: 32, sharedIntermediateSize: shared))
    }
    return try lower(model, plan, configuration)
  }

  private func expertFLOPs(_ graph: StepGraph) -> Double {
    graph.programs[0].operations.filter { $0.kind == .expertUp || $0.kind == .expertDown }
      .reduce(0) { $0 + graph.works[$1.work].flops.count }
  }

  private func calls(_ graph: StepGraph, _ pass: OperationPass) -> [OperationKind] {
    let kinds: Set<OperationKind> = [
      .tokenCountGather, .tokenDispatch, .probabilityDispatch, .expertTokenGather,
      .expertProbabilityGather, .expertScatter, .tokenCombine,
    ]
    return graph.collectives(stage: 0).filter {
      $0.operation.layer == 2 && $0.operation.pass == pass && $0.operation.microbatch == 0
    }.map(\.operation.kind).filter(kinds.contains)
  }

  @Test("experts do the same work behind every dispatcher", arguments: plans)
  func conservation(plan: ParallelPlan) throws {
    let expected = expertFLOPs(try graph(.allToAll, plan: plan))
    for dispatcher in ExpertDispatcher.allCases {
      let graph = try graph(dispatcher, plan: plan)
      try graph.expectSound()
      #expect(expertFLOPs(graph) == expected)
    }
  }

  @Test("the all-gather dispatcher gathers all tokens of ETP×EP and scatters the sums")
  func allGather() throws {
    let plan = ParallelPlan(tensor: 2, expert: 4, data: 4)
    let graph = try graph(.allGather, plan: plan)
    #expect(
      calls(graph, .forward)
        == [.tokenCountGather, .probabilityDispatch, .tokenDispatch, .tokenCombine])
    #expect(calls(graph, .inputGradient) == [.tokenCombine, .tokenDispatch, .probabilityDispatch])
    let works = graph.collectives(stage: 0).filter { $0.operation.layer == 2 }
    let dispatch = try #require(works.first { $0.operation.kind == .tokenDispatch }).work
    #expect(dispatch.operation == .allGather && dispatch.family == .expertTensorExpert)
    #expect(dispatch.input == Bytes(64 * 64 * 2))
    #expect(dispatch.output == 8 * dispatch.input)
    let combine = try #require(works.first { $0.operation.kind == .tokenCombine }).work
    #expect(combine.operation == .reduceScatter && combine.output == dispatch.input)
  }

  @Test("fused dispatch sends one copy per rank: n · m(1 − (1 − 1/m)^k) rows")
  func fused() throws {
    let plan = ParallelPlan(tensor: 1, expert: 4, data: 4)
    let graph = try graph(.deepEP, plan: plan)
    #expect(calls(graph, .forward) == [.tokenDispatch, .tokenCombine])
    #expect(calls(graph, .inputGradient) == [.tokenCombine, .tokenDispatch])
    // Four ranks, two experts per token: 4 · (1 − (3/4)²) = 1.75 copies.
    for call in graph.collectives(stage: 0)
    where [.tokenDispatch, .tokenCombine].contains(call.operation.kind) {
      #expect(call.work.input == Bytes(Int(128 * 1.75) * 64 * 2))
      let isDispatch = (call.operation.kind == .tokenDispatch) == (call.operation.pass == .forward)
      #expect(
        call.work.routing
          == TokenRouting(
            isDispatch ? .dispatch : .combine, tokens: 128, hidden: 64, topK: 2, format: .bf16))
    }
    #expect(graph.count(stage: 0) { $0.kind == .permute || $0.kind == .unpermute } == 0)
  }

  @Test("token drop fixes the rows and frees the host", arguments: [1.0, 1.25, 2.0])
  func capacity(factor: Double) throws {
    let plan = ParallelPlan(tensor: 2, expert: 4, data: 4)
    let dropless = try graph(.allToAll, plan: plan)
    let dropping = try graph(.allToAll, plan: plan, capacity: factor)
    try dropping.expectSound()
    #expect(expertFLOPs(dropping) == factor * expertFLOPs(dropless))
    #expect(dropless.count(stage: 0) { $0.blocksHost } > 0)
    #expect(dropping.count(stage: 0) { $0.blocksHost } == 0)
    #expect(dropping.count(stage: 0) { $0.kind == .tokenCountGather } == 0)
  }

  @Test("shared experts beside the routed ones are the same operations on another stream")
  func sharedOverlap() throws {
    for plan in [ParallelPlan(expert: 2, data: 4), ParallelPlan(tensor: 2, expert: 2, data: 4)] {
      let serial = try graph(.allToAll, plan: plan, shared: 64)
      let beside = try graph(.allToAll, plan: plan, shared: 64, overlaps: true)
      let kinds = { (graph: StepGraph) in
        graph.programs[0].operations.map { "\($0.kind) \($0.pass) \($0.work)" }.count
      }
      #expect(kinds(serial) == kinds(beside))
      for pass in OperationPass.allCases {
        #expect(serial.flops(stage: 0, pass: pass) == beside.flops(stage: 0, pass: pass))
      }
      for operation in beside.programs[0].operations
      where [.sharedUp, .sharedActivation, .sharedDown].contains(operation.kind) {
        #expect(operation.stream == .shared)
      }
      #expect(try beside.expectSound().makespan < serial.expectSound().makespan)
    }
  }

  @Test("dispatchers that cannot drop or overlap are refused in words")
  func refusals() {
    let plan = ParallelPlan(expert: 2, data: 4)
    #expect(
      #expect(throws: LoweringError.self) { try graph(.deepEP, plan: plan, capacity: 1.5) }?
        .description == "a capacity factor needs the alltoall dispatcher, not deepep")
    #expect(
      #expect(throws: LoweringError.self) { try graph(.allToAll, plan: plan, capacity: 0) }?
        .description
        == "a capacity factor of 0.0 lets no token through; choose one above 0, for example 1.25")
    #expect(
      #expect(throws: LoweringError.self) {
        try graph(.allGather, plan: plan, shared: 64, overlaps: true)
      }?.description
        == "shared experts run beside the alltoall dispatcher only, not beside allgather")
  }
}

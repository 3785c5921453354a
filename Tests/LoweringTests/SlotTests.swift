import Cost
import Graph
import Hardware
import Model
import Parallelism
import Simulation
import Testing
import Units

@testable import Lowering

@Suite("slots that split a backward or run together")
struct SlotTests {
  /// One pass of every microbatch after another on a single rank.
  private func order(_ passes: [Pass], microbatches: Int) -> PipelineOrder {
    PipelineOrder(
      ranks: 1, chunks: 1, microbatches: microbatches,
      slots: [
        (0..<microbatches).flatMap { microbatch in
          passes.map { Slot($0, microbatch: microbatch) }
        }
      ])
  }

  private let plan = ParallelPlan(tensor: 2, expert: 2, expertTensor: 2, data: 2)

  private func lower(_ order: PipelineOrder, adjust: (inout StepConfiguration) -> Void = { _ in })
    throws -> StepGraph
  {
    var configuration = StepConfiguration(sequenceLength: 128, microbatches: order.microbatches)
    adjust(&configuration)
    let graph = try StepGraph(
      lowering: InvariantTests.mixture, under: plan, as: configuration, order: order)
    try graph.validate()
    return graph
  }

  @Test("a split backward has the same operations as a whole one")
  func splitConserves() throws {
    let whole = try lower(order([.forward, .backward], microbatches: 3))
    let split = try lower(order([.forward, .inputGradient, .weightGradient], microbatches: 3))
    #expect(whole.census(stage: 0) == split.census(stage: 0))
    #expect(whole.edgeCount == split.edgeCount)
    _ = try split.played { _ in 1 }
  }

  @Test("each weight gradient waits for the gradient of its own output, of its own microbatch")
  func weightGradientNeeds() throws {
    let split = try lower(order([.forward, .inputGradient, .weightGradient], microbatches: 2))
    let whole = try lower(order([.forward, .backward], microbatches: 2))
    func needs(_ graph: StepGraph) -> Set<String> {
      let program = graph.programs[0]
      return Set(
        program.operations.indices.filter { program.operations[$0].pass == .weightGradient }.map {
          index in
          let needed = program.dependencies(of: index).map { "\(program.operations[Int($0)])" }
          return "\(program.operations[index]): \(needed.sorted())"
        })
    }
    #expect(needs(split) == needs(whole))
  }

  @Test("input gradients come without weight gradients, norms apart, which stay")
  func parts() throws {
    let graph = try lower(order([.forward, .inputGradient, .weightGradient], microbatches: 1))
    let operations = graph.programs[0].operations.filter { $0.pass != .step }
    let first = try #require(operations.firstIndex { $0.pass == .weightGradient })
    #expect(operations[first...].allSatisfy { $0.pass == .weightGradient })
    #expect(
      operations[..<first].contains { $0.kind == .attentionNorm && $0.pass == .inputGradient })
  }

  @Test("reductions follow the last weight gradients")
  func reductions() throws {
    let graph = try lower(order([.forward, .inputGradient, .weightGradient], microbatches: 3))
    let program = graph.programs[0]
    for (index, operation) in program.operations.enumerated()
    where operation.kind == .gradientReduce || operation.kind == .expertGradientReduce {
      let needed = program.dependencies(of: index).map { program.operations[Int($0)] }
      #expect(!needed.isEmpty)
      #expect(needed.allSatisfy { $0.microbatch == 2 && $0.pass != .forward })
    }
  }

  @Test("running together changes the order of issue and nothing else")
  func pairsConserve() throws {
    let apart = try PipelineSchedule.oneForwardOneBackward.order(
      ranks: 1, microbatches: 4, overlappingExperts: true)
    let alone = try lower(apart)
    let together = try lower(apart.pairing) { $0.overlapsExperts = true }
    #expect(alone.census(stage: 0) == together.census(stage: 0))
    #expect(alone.edgeCount == together.edgeCount)
    _ = try together.played { _ in 1 }
  }

  @Test("a pair is issued in the published order of its parts")
  func issueOrder() throws {
    let order = try PipelineSchedule.oneForwardOneBackward.order(
      ranks: 1, microbatches: 4, overlappingExperts: true
    ).pairing
    let graph = try lower(order)
    // One interior layer of each: the pair forwards layer 3 and retraces layer 4.
    var parts: [String] = []
    for operation in graph.programs[0].operations
    where (operation.layer == 3 && operation.microbatch == 1 && operation.pass == .forward)
      || (operation.layer == 4 && operation.microbatch == 0 && operation.pass != .forward)
    {
      let name = "\(LayerPart(of: operation))"
      if parts.last != name { parts.append(name) }
    }
    #expect(
      parts == [
        "combineBackward", "attention", "feedForwardInputs", "dispatch", "feedForwardWeights",
        "dispatchBackward", "feedForward", "combine", "attentionInputs", "attentionWeights",
        "addition",
      ])
  }

  @Test("running together hides the exchange of experts: the step is shorter")
  func overlapShortens() throws {
    let model = try TransformerModel(named: "qwen3-30b-a3b")
    let plan = ParallelPlan(expert: 16, data: 16)
    let configuration = StepConfiguration(sequenceLength: 4096, microbatches: 4)
    let order = try PipelineSchedule.oneForwardOneBackward.order(
      ranks: 1, microbatches: 4, overlappingExperts: true)
    let cluster = try Cluster.named("dgx-h100")
    let times = try [order.unpaired, order].map { order in
      let graph = try StepGraph(lowering: model, under: plan, as: configuration, order: order)
      let costs = try StepCosts(graph: graph, cluster: cluster)
      return try EventDrivenExecutor(graph, costs: costs).run().makespan
    }
    #expect(times[1] < times[0])
  }

  @Test("blocking messages hold the next kernel and lengthen a pipeline")
  func blockingMessages() throws {
    let model = PublishedOrderTests.chain(layers: 4)
    let order = try PipelineSchedule.oneForwardOneBackward.order(ranks: 4, microbatches: 8)
    let graphs = try [true, false].map { overlaps in
      var configuration = StepConfiguration(sequenceLength: 32, microbatches: 8)
      configuration.overlapsMessages = overlaps
      return try StepGraph(
        lowering: model, under: .pipeline(4), as: configuration, order: order)
    }
    for graph in graphs { try graph.validate() }
    let program = graphs[1].programs[1]
    for (index, operation) in program.operations.enumerated() where operation.meeting == .send {
      let next = try #require(
        program.operations[index...].firstIndex { $0.stream == .compute })
      #expect(program.dependencies(of: next).contains(Int32(index)))
    }
    let times = try graphs.map { graph in
      try graph.played { work in if case .transfer = work { 5 } else { 1 } }.makespan
    }
    #expect(times[1] > times[0])
  }

  @Test(
    "running together changes nothing else, whatever the dispatcher and what is recomputed",
    arguments: ExpertDispatcher.allCases,
    [Recomputation.none, .selective([.layerNorm, .expertActivation, .coreAttention])])
  func pairsConserveOptions(dispatcher: ExpertDispatcher, recomputation: Recomputation) throws {
    let apart = try PipelineSchedule.oneForwardOneBackward.order(
      ranks: 1, microbatches: 3, overlappingExperts: true)
    func lower(_ order: PipelineOrder, precision: Precision) throws -> StepGraph {
      try self.lower(order) {
        $0.dispatcher = dispatcher
        $0.recomputation = recomputation
        $0.precision = precision
        $0.sharding = .gradients
      }
    }
    for precision in [Precision.bf16, .fp8Blockwise] {
      let alone = try lower(apart.unpaired, precision: precision)
      let together = try lower(apart, precision: precision)
      #expect(alone.census(stage: 0) == together.census(stage: 0))
      #expect(alone.edgeCount == together.edgeCount)
      _ = try together.played { _ in 1 }
    }
  }
}

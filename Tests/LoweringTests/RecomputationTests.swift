import Graph
import Model
import Parallelism
import Testing
import Units

@testable import Lowering

@Suite("recomputation")
struct RecomputationTests {
  private let plan = ParallelPlan(tensor: 2, pipeline: 2, expert: 2, expertTensor: 2, data: 2)

  private func graph(
    _ recomputation: Recomputation, model: TransformerModel = InvariantTests.mixture
  )
    throws -> StepGraph
  {
    var configuration = StepConfiguration(sequenceLength: 128, microbatches: 3)
    configuration.recomputation = recomputation
    let graph = try lower(model, plan, configuration)
    try graph.validate()
    _ = try graph.played { _ in 1 }
    return graph
  }

  private func saved(_ graph: StepGraph, stage: Int, where condition: (SavedActivation) -> Bool)
    -> Int
  {
    graph.programs[stage].storage.activations.filter(condition).reduce(0) { $0 + $1.bytes.count }
  }

  @Test(
    "whole layers run their forward again, collectives included, and nothing else changes",
    arguments: [1, 3, 4])
  func uniform(interval: Int) throws {
    let plain = try graph(.none)
    let again = try graph(.uniform(interval: interval))
    #expect(again.flops(.recompute) == plain.flops(.forward) { $0.layer != nil })
    for pass in [OperationPass.forward, .inputGradient, .weightGradient, .step] {
      #expect(again.flops(pass) == plain.flops(pass))
    }
    for stage in 0..<2 {
      let forward = again.collectives(stage: stage).filter {
        $0.operation.pass == .forward && $0.operation.layer != nil
      }
      let repeated = again.collectives(stage: stage).filter { $0.operation.pass == .recompute }
      #expect(forward.map(\.work).count == repeated.count)
      #expect(
        again.count(stage: stage) { $0.pass != .recompute }
          == plain.count(stage: stage) { _ in true })
    }
  }

  @Test("a recomputed interval keeps its input, 2·s·b·h/t bytes", arguments: [1, 2, 3, 4])
  func keptInputs(interval: Int) throws {
    let again = try graph(.uniform(interval: interval))
    let perStage = (4 + interval - 1) / interval
    #expect(saved(again, stage: 0) { $0.layer != nil } == perStage * 2 * 128 * 64 / 2)
  }

  @Test("block recomputes the first layers of every chunk")
  func block() throws {
    let again = try graph(.block(layers: 1))
    let layers = Set(
      again.programs.flatMap(\.operations).filter { $0.pass == .recompute }.compactMap(\.layer))
    #expect(layers == [0, 4])
  }

  @Test("the second forward of a layer waits for the gradient, and its backward for the second")
  func order() throws {
    let program = try graph(.uniform(interval: 1)).programs[0]
    let first = try #require(
      program.operations.firstIndex { $0.pass == .recompute && $0.layer == 2 })
    let needed = program.dependencies(of: first).map { program.operations[Int($0)] }
    #expect(!needed.isEmpty)
    #expect(needed.allSatisfy { $0.pass == .inputGradient && $0.layer == 3 })
    let sum = try #require(
      program.operations.firstIndex {
        $0.kind == .feedForwardResidual && $0.pass == .inputGradient && $0.layer == 2
      })
    #expect(
      program.dependencies(of: sum).contains {
        program.operations[Int($0)].pass == .recompute
          && program.operations[Int($0)].kind == .feedForwardResidual
      })
  }

  @Test("modules are recomputed alone")
  func modules() throws {
    let expected: [RecomputedModule: Set<OperationKind>] = [
      .coreAttention: [.attention], .expertActivation: [.expertActivation],
      .layerNorm: [.attentionNorm, .feedForwardNorm], .latentUpProjection: [], .feedForward: [],
      .sharedExperts: [],
      .mixtureOfExperts: [
        .router, .routing, .routerCountReduce, .auxiliaryLoss, .tokenCountGather, .permute,
        .tokenDispatch, .probabilityDispatch, .expertTokenGather, .expertProbabilityGather,
        .expertSort, .expertUp, .expertActivation, .expertDown, .expertUnsort, .expertScatter,
        .tokenCombine, .unpermute,
      ],
    ]
    for (module, kinds) in expected {
      let graph = try graph(.selective([module]))
      let found = Set(
        graph.programs.flatMap(\.operations).filter { $0.pass == .recompute }.map(\.kind))
      #expect(found == kinds, "\(module)")
    }
  }

  @Test("recomputing the mixture repeats the pair of exchanges")
  func exchanges() throws {
    let graph = try graph(.selective([.mixtureOfExperts]))
    let calls = graph.collectives(stage: 0).filter {
      $0.operation.layer == 1 && $0.work.operation == .allToAll && $0.operation.microbatch == 0
    }
    #expect(calls.count { $0.operation.pass == .recompute } == 3)
    #expect(calls.count { $0.operation.pass == .forward } == 3)
    #expect(calls.count { $0.operation.pass == .inputGradient } == 3)
  }

  @Test("modules keep less: statistics of attention, the input of the second product")
  func keptByModules() throws {
    let plain = try graph(.none)
    let core = try graph(.selective([.coreAttention]))
    #expect(
      saved(plain, stage: 0) { $0.owner == .attention }
        - saved(core, stage: 0) { $0.owner == .attention } == 4 * 4 * 4 * 128)
    let activation = try graph(.selective([.expertActivation]))
    #expect(saved(plain, stage: 0) { $0.owner == .expertDown } > 0)
    #expect(saved(activation, stage: 0) { $0.owner == .expertDown } == 0)
    #expect(
      saved(activation, stage: 0) { $0.owner == .expertActivation }
        == saved(plain, stage: 0) { $0.owner == .expertActivation })
  }

  @Test("a weight gradient waits for the operand that is computed again")
  func restoredOperand() throws {
    let program = try graph(.selective([.expertActivation])).programs[0]
    for (index, operation) in program.operations.enumerated()
    where operation.kind == .expertDown && operation.pass == .weightGradient {
      #expect(
        program.dependencies(of: index).contains {
          let needed = program.operations[Int($0)]
          return needed.pass == .recompute && needed.kind == .expertActivation
            && needed.microbatch == operation.microbatch
        })
    }
  }

  @Test("whole layers are not recomputed under pairs")
  func refusedWithPairs() throws {
    var configuration = StepConfiguration(sequenceLength: 128, microbatches: 4)
    configuration.recomputation = .uniform(interval: 1)
    let order = try PipelineSchedule.oneForwardOneBackward.order(
      ranks: 1, microbatches: 4, overlappingExperts: true
    ).pairing
    let error = #expect(throws: LoweringError.self) {
      try StepGraph(
        lowering: InvariantTests.mixture, under: ParallelPlan(), as: configuration, order: order)
    }
    #expect(error?.description.contains("recomputation") == true)
  }

  @Test("shared experts that run in parts are not recomputed as a whole")
  func refusedWithSharedOverlap() throws {
    var model = InvariantTests.mixture
    for layer in model.layers.indices {
      model.layers[layer].feedForward = .experts(
        MixtureOfExperts(experts: 8, topK: 2, intermediateSize: 32, sharedIntermediateSize: 32))
    }
    var configuration = StepConfiguration(sequenceLength: 128, microbatches: 2)
    configuration.overlapsSharedExperts = true
    configuration.recomputation = .selective([.sharedExperts])
    let error = #expect(throws: LoweringError.self) { try lower(model, plan, configuration) }
    #expect(error?.description.contains("leave shared_experts out") == true)
    configuration.recomputation = .selective([.sharedExperts, .mixtureOfExperts])
    try lower(model, plan, configuration).validate()
  }

  @Test("modules inside a recomputed mixture of experts are computed again once")
  func nested() throws {
    let whole = try graph(.selective([.mixtureOfExperts]))
    let nested = try graph(.selective([.mixtureOfExperts, .expertActivation, .sharedExperts]))
    #expect(whole.census(stage: 0) == nested.census(stage: 0))
  }

  @Test("an fp8 product computed again multiplies operands that are cast again")
  func casts() throws {
    var configuration = StepConfiguration(sequenceLength: 32, microbatches: 1)
    configuration.precision = .fp8Tensorwise
    configuration.recomputation = .selective([.feedForward])
    let graph = try lower(PublishedOrderTests.chain(layers: 1), ParallelPlan(), configuration)
    let again = graph.programs[0].operations.filter { $0.pass == .recompute }.map(\.kind)
    #expect(
      again == [
        .magnitude, .quantize, .feedForwardUp, .activation, .magnitude, .quantize,
        .feedForwardDown,
      ])
  }
}

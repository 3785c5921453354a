import Graph
import Model
import Parallelism
import Testing
import Units

@testable import Lowering

@Suite("two copies of the model in one pipeline")
struct BidirectionalTests {
  private func graph(
    _ schedule: PipelineSchedule, plan: ParallelPlan, microbatches: Int,
    model: TransformerModel = InvariantTests.mixture,
    adjust: (inout StepConfiguration) -> Void = { _ in }
  ) throws -> StepGraph {
    var configuration = StepConfiguration(
      sequenceLength: 64, microbatches: microbatches, schedule: schedule)
    adjust(&configuration)
    let order = try schedule.order(ranks: plan.pipeline, microbatches: microbatches)
    return try StepGraph(lowering: model, under: plan, as: configuration, order: order)
  }

  private let plan = ParallelPlan(tensor: 2, pipeline: 4, expert: 2, expertTensor: 1, data: 2)

  private var tied: TransformerModel {
    var model = InvariantTests.mixture
    model.tiesEmbeddings = true
    model.multiTokenPredictionLayers = 1
    return model
  }

  @Test(
    "both copies compute what one copy does, under every kind of sharding",
    arguments: DataSharding.allCases, [PipelineSchedule.dualPipe, .chimera])
  func conserves(sharding: DataSharding, schedule: PipelineSchedule) throws {
    let microbatches = schedule == .chimera ? 4 : 10
    for model in [InvariantTests.mixture, tied] {
      for degree in [nil, 2, 1] {
        let adjust = { (configuration: inout StepConfiguration) in
          configuration.sharding = sharding
          configuration.shardingDegree = degree
          configuration.multiTokenPrediction = true
        }
        let both = try graph(
          schedule, plan: plan, microbatches: microbatches, model: model, adjust: adjust)
        try both.expectSound()
        let one = try graph(
          .gpipe, plan: plan, microbatches: microbatches, model: model, adjust: adjust)
        for pass in [OperationPass.forward, .inputGradient, .weightGradient] {
          #expect(abs(both.flops(pass) / one.flops(pass) - 1) < 1e-12)
        }
      }
    }
  }

  @Test("every rank holds its stage and the mirrored one, twice the parameters and no more")
  func storage() throws {
    let both = try graph(.dualPipe, plan: plan, microbatches: 8)
    let one = try graph(.gpipe, plan: plan, microbatches: 8)
    func elements(_ graph: StepGraph, _ stage: Int) -> Int {
      graph.programs[stage].storage.parameters.reduce(0) { $0 + $1.elements }
    }
    for stage in 0..<4 {
      #expect(elements(both, stage) == elements(one, stage) + elements(one, 3 - stage))
    }
    #expect(both.configuration.shards(ofExpert: false, under: plan) == 4)
    #expect(one.configuration.shards(ofExpert: false, under: plan) == 2)
  }

  @Test("gradients of both copies are added up in the data-parallel reduction, once")
  func reduction() throws {
    for sharding in [DataSharding.none, .optimizer] {
      let graph = try graph(.dualPipe, plan: plan, microbatches: 8) { $0.sharding = sharding }
      for program in graph.programs {
        var reduced = 0
        for operation in program.operations
        where operation.kind == .gradientReduce || operation.kind == .expertGradientReduce {
          guard case .collective(let collective) = graph.works[operation.work] else { continue }
          #expect(collective.family.isMirrored)
          #expect(collective.operation == (sharding == .none ? .allReduce : .reduceScatter))
          reduced += collective.input.count
        }
        let held = program.storage.parameters.reduce(0) { $0 + 4 * $1.elements }
        // Buckets of the distributed optimizer are padded.
        #expect(sharding == .none ? reduced == held : (held..<held + 4 * 4 * 512).contains(reduced))
      }
    }
  }

  @Test("without data parallelism the two copies still meet")
  func pairAlone() throws {
    let graph = try graph(
      .chimera, plan: .pipeline(4), microbatches: 4, model: PublishedOrderTests.chain(layers: 4))
    try graph.expectSound()
    let reductions = graph.programs[1].operations.filter { $0.kind == .gradientReduce }
    #expect(
      reductions.map(\.meeting) == Array(repeating: .collective(.mirrorDataContext), count: 2))
    #expect(graph.grid.group(.mirrorDataContext, containing: 1).map(\.self) == [1, 2])
  }

  @Test("a tied table's gradient is complete before it is reduced, whoever adds to it last")
  func tiedTable() throws {
    for schedule in [PipelineSchedule.dualPipe, .chimera, .zeroBubbleV, .dualPipeV] {
      let isV = schedule.placement == .v
      let plan = ParallelPlan(pipeline: 4, virtualPipeline: isV ? 2 : 1, data: 2)
      let configuration = StepConfiguration(
        sequenceLength: 64, microbatches: schedule == .chimera ? 4 : 8, schedule: schedule)
      let order = try schedule.order(
        ranks: 4, chunks: isV ? 2 : 1, microbatches: configuration.microbatches)
      let graph = try StepGraph(lowering: tied, under: plan, as: configuration, order: order)
      try graph.expectSound()
      for program in graph.programs {
        let users = program.operations.indices.filter { index in
          let operation = program.operations[index]
          return operation.pass == .weightGradient
            && (operation.kind == .head || operation.kind == .embeddingLookup)
        }
        let reductions = program.operations.lastIndex { $0.kind == .gradientReduce }
        guard let last = users.last, program.pipelineRank == 0 else { continue }
        #expect(try #require(reductions) > last)
      }
    }
  }

  @Test("an order whose ranks do not mirror each other is refused in words")
  func unmirrored() throws {
    let slots = (0..<2).map { _ in
      (0..<2).flatMap {
        [Slot(.forward, chunk: $0, microbatch: $0), Slot(.backward, chunk: $0, microbatch: $0)]
      }
    }
    let order = PipelineOrder(
      ranks: 2, chunks: 2, microbatches: 2, placement: .bidirectional, slots: slots)
    let error = #expect(throws: LoweringError.self) {
      try StepGraph(
        lowering: PublishedOrderTests.chain(layers: 2), under: .pipeline(2),
        as: StepConfiguration(sequenceLength: 32, microbatches: 2, schedule: .chimera),
        order: order)
    }
    #expect(error?.description.contains("ranks 0 and 1 hold the same two stages") == true)
    #expect(throws: ScheduleError.self) {
      try PipelineSchedule.dualPipe.order(ranks: 3, microbatches: 6)
    }
    #expect(throws: ScheduleError.self) {
      try PipelineSchedule.dualPipe.order(ranks: 4, microbatches: 6)
    }
  }

  @Test("more chunks than the plan says are reduced all the same")
  func chunksOfTheOrder() throws {
    let order = try PipelineSchedule.zeroBubbleV.order(ranks: 2, chunks: 2, microbatches: 4)
    let graph = try StepGraph(
      lowering: PublishedOrderTests.chain(layers: 4), under: ParallelPlan(pipeline: 2, data: 2),
      as: StepConfiguration(sequenceLength: 32, microbatches: 4, schedule: .zeroBubbleV),
      order: order)
    for program in graph.programs {
      let chunks = Set(program.operations.filter { $0.kind == .gradientReduce }.map(\.chunk))
      #expect(chunks == [0, 1])
    }
  }
}

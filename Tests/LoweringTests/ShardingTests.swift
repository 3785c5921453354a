import Graph
import Parallelism
import Simulation
import Testing
import Units

@testable import Lowering

@Suite("what data-parallel replicas share")
struct ShardingTests {
  private static let plan = ParallelPlan(tensor: 2, pipeline: 2, expert: 2, data: 4)

  private func graph(
    _ sharding: DataSharding, degree: Int? = nil, microbatches: Int = 4,
    plan: ParallelPlan = plan
  ) throws -> StepGraph {
    var configuration = StepConfiguration(sequenceLength: 128, microbatches: microbatches)
    configuration.sharding = sharding
    configuration.shardingDegree = degree
    return try lower(InvariantTests.mixture, plan, configuration)
  }

  private let reductions: Set<OperationKind> = [.gradientReduce, .expertGradientReduce]
  private let gathers: Set<OperationKind> = [.parameterGather, .expertParameterGather]

  @Test("ZeRO-0 all-reduces once and gathers nothing")
  func replicated() throws {
    let graph = try graph(.none)
    try graph.expectSound()
    for stage in 0..<2 {
      let calls = graph.collectives(stage: stage)
      let reduced = calls.filter { reductions.contains($0.operation.kind) }
      #expect(reduced.map(\.work.operation) == [.allReduce, .allReduce])
      #expect(!calls.contains { gathers.contains($0.operation.kind) })
    }
  }

  @Test("ZeRO-2 reduces the same bytes as ZeRO-1 in every microbatch")
  func gradients() throws {
    let once = try graph(.optimizer)
    let always = try graph(.gradients)
    try always.expectSound()
    for stage in 0..<2 {
      let bytes = { (graph: StepGraph) in
        graph.bytes(stage: stage) { operation, _ in reductions.contains(operation.kind) }
      }
      #expect(bytes(always) == 4 * bytes(once))
      let gathered = { (graph: StepGraph) in
        graph.bytes(stage: stage) { operation, _ in gathers.contains(operation.kind) }
      }
      #expect(gathered(always) == gathered(once))
    }
  }

  @Test("ZeRO-3 gathers every unit before its forward and before its backward, and scatters once")
  func parameters() throws {
    let graph = try graph(.parameters)
    try graph.expectSound()
    for stage in 0..<2 {
      let calls = graph.collectives(stage: stage)
      let dense = calls.filter { $0.operation.kind == .parameterGather }
      let expert = calls.filter { $0.operation.kind == .expertParameterGather }
      let units = stage == 0 ? 5 : 5
      // Nothing needs the embedding's weight in its own backward.
      let backward = stage == 0 ? 4 : 5
      #expect(dense.count == 4 * (units + backward))
      #expect(dense.count { $0.operation.pass == .forward } == 4 * units)
      #expect(expert.count == 4 * 4 * 2)
      #expect(
        dense.allSatisfy { $0.work.operation == .allGather && $0.work.family == .dataContext })
      #expect(expert.allSatisfy { $0.work.family == .expertData })
      let reduced = calls.filter { reductions.contains($0.operation.kind) }
      #expect(reduced.count == 4 * (units + 4))
      #expect(reduced.allSatisfy { $0.work.operation == .reduceScatter })
      let elements = graph.programs[stage].storage.parameters.reduce(0) { $0 + $1.elements }
      let total = reduced.reduce(0) { $0 + $1.work.input.count }
      #expect(total >= 4 * 4 * elements)
      #expect(total <= 4 * 4 * (elements + 9 * 8))
    }
  }

  @Test("a gather begins when the layer before it does, and kernels wait for it")
  func prefetch() throws {
    let graph = try graph(.parameters)
    let program = graph.programs[0]
    for (index, operation) in program.operations.enumerated()
    where operation.kind == .parameterGather {
      let needed = program.dependencies(of: index).map { program.operations[Int($0)] }
      #expect(needed.allSatisfy { $0.stream == .compute })
      // The layer two before has ended: nothing of the layer before is waited for.
      if operation.pass == .forward, let layer = operation.layer, layer >= 2 {
        #expect(needed.map(\.layer) == [layer - 2])
      }
      if operation.pass == .inputGradient, let layer = operation.layer, layer <= 1 {
        #expect(needed.map(\.layer) == [layer + 2])
      }
    }
    for (index, operation) in program.operations.enumerated() where operation.kind == .queryKeyValue
    {
      let needed = program.dependencies(of: index).map { program.operations[Int($0)] }
      let gathered = needed.filter { $0.kind == .parameterGather }
      #expect(gathered.count == (operation.pass == .weightGradient ? 0 : 1))
      #expect(gathered.allSatisfy { $0.layer == operation.layer })
      #expect(gathered.allSatisfy { $0.microbatch == operation.microbatch })
    }
  }

  @Test("the close of the step waits for the last reductions")
  func close() throws {
    let timeline = try graph(.parameters).expectSound()
    for rank in [0, 8] {
      let program = timeline.graph.program(of: rank)
      let ends = program.operations.indices.map { timeline.finish(rank: rank, operation: $0) }
      let optimizer = try #require(program.operations.firstIndex { $0.kind == .optimizer })
      for (index, operation) in program.operations.enumerated()
      where reductions.contains(operation.kind) {
        #expect(ends[index] < ends[optimizer])
      }
    }
  }

  @Test("hybrid sharding reduces and gathers inside instances and adds up the copies once")
  func hybrid() throws {
    for sharding in [DataSharding.optimizer, .gradients, .parameters] {
      let graph = try graph(sharding, degree: 2)
      try graph.expectSound()
      for stage in 0..<2 {
        let calls = graph.collectives(stage: stage)
        let scatters = calls.filter {
          $0.operation.kind == .gradientReduce && $0.work.operation == .reduceScatter
        }
        let copies = calls.filter {
          $0.operation.kind == .gradientReduce && $0.work.operation == .allReduce
        }
        #expect(scatters.allSatisfy { $0.work.family == .shard })
        #expect(copies.allSatisfy { $0.work.family == .replica })
        let shard = scatters.reduce(0) { $0 + $1.work.output.count }
        let added = copies.reduce(0) { $0 + $1.work.input.count }
        #expect(shard == added * (sharding == .optimizer ? 1 : 4))
        for call in calls where call.operation.kind == .expertGradientReduce {
          #expect(call.work.family == .expertReplica)
        }
      }
    }
  }

  @Test("a degree that leaves no whole instances is refused with those that do")
  func refusal() {
    let error = #expect(throws: LoweringError.self) { try graph(.parameters, degree: 3) }
    #expect(
      error?.description
        == "sharding over 3 ranks does not cut DPxCP4 and EDP2 into whole instances; "
        + "the degrees that do are 2, 4")
  }

  @Test("every sharding runs under every small plan", arguments: InvariantTests.plans)
  func everySmallPlan(plan: ParallelPlan) throws {
    for sharding in DataSharding.allCases {
      try graph(sharding, plan: plan).expectSound()
    }
  }
}

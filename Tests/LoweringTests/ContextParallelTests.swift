import Graph
import Model
import Parallelism
import Testing
import Units

@testable import Lowering

@Suite("context parallelism")
struct ContextParallelTests {
  private static let exchanges: [ContextExchange] = [
    .ring, .allGather, .allToAll, .hierarchical(inner: 2), .hierarchical(inner: 1),
    .hierarchical(inner: 4),
  ]

  private func graph(
    _ exchange: ContextExchange, context: Int = 4, phase: StepPhase = .train,
    model: TransformerModel = InvariantTests.mixture
  ) throws -> StepGraph {
    var configuration = StepConfiguration(phase: phase, sequenceLength: 128, microbatches: 2)
    configuration.contextExchange = exchange
    if phase != .train { configuration.schedule = .forwardOnly }
    let plan = ParallelPlan(tensor: 1, context: context, data: 2)
    return try lower(model, plan, configuration)
  }

  /// Exchanges of one layer and microbatch.
  private func calls(_ graph: StepGraph, _ pass: OperationPass) -> [Collective] {
    graph.collectives(stage: 0).filter {
      $0.operation.kind == .contextExchange && $0.operation.pass == pass
        && $0.operation.layer == 3 && $0.operation.microbatch == 1
    }.map(\.work)
  }

  /// Bytes of keys and values on one rank: 2 · tokens · KV heads · head dimension · 2.
  private let keysAndValues = 2 * 32 * 4 * 16 * 2

  @Test("attention does the same work however it is exchanged", arguments: exchanges)
  func conservation(exchange: ContextExchange) throws {
    let graph = try graph(exchange)
    try graph.expectSound()
    for pass in [OperationPass.forward, .inputGradient] {
      let flops = graph.programs[0].operations
        .filter { $0.kind == .attention && $0.pass == pass && $0.layer == 3 && $0.microbatch == 0 }
        .reduce(0.0) { $0 + graph.works[$1.work].flops.count }
      let products = pass == .forward ? 1.0 : 2.5
      // Half of the square over all ranks, two products of 2 · heads · dimension per pair.
      #expect(flops == products * 2 * 2 * 8 * 16 * (128 * 128 / 2) / 4)
    }
  }

  @Test("a ring exchanges CP − 1 blocks forward and, with their gradients, CP times backward")
  func ring() throws {
    for context in [2, 4, 8] {
      let graph = try graph(.ring, context: context)
      let block = 2 * (128 / context) * 4 * 16 * 2
      let forward = calls(graph, .forward)
      let backward = calls(graph, .inputGradient)
      #expect(forward.map(\.input.count) == [Int](repeating: block, count: context - 1))
      let middle = [Int](repeating: 2 * block, count: context - 2)
      #expect(backward.map(\.input.count) == [block] + middle + [block])
      #expect((forward + backward).allSatisfy { $0.operation == .ringExchange })
      #expect(graph.count(stage: 0) { $0.kind == .attention } == 2 * 8 * 2 * context)
    }
  }

  @Test("the next block travels while the current one is attended to")
  func overlap() throws {
    let graph = try graph(.ring)
    let program = graph.programs[0]
    for (index, operation) in program.operations.enumerated() {
      let needed = program.dependencies(of: index).map { program.operations[Int($0)] }
      if operation.kind == .contextExchange, operation.pass == .forward {
        #expect(!needed.contains { $0.kind == .attention })
      }
      if operation.kind == .attention, operation.pass == .forward {
        #expect(needed.count { $0.kind == .contextExchange } <= 1)
      }
    }
  }

  @Test("an all-gather gathers keys and values apart, twice, and scatters their gradients")
  func gather() throws {
    let graph = try graph(.allGather)
    #expect(calls(graph, .forward).map(\.operation) == [.allGather, .allGather])
    let backward = calls(graph, .inputGradient)
    #expect(
      backward.map(\.operation) == [.allGather, .allGather, .reduceScatter, .reduceScatter])
    #expect(backward.prefix(2).reduce(0) { $0 + $1.input.count } == keysAndValues)
    #expect(backward.suffix(2).reduce(0) { $0 + $1.output.count } == keysAndValues)
  }

  @Test("Ulysses exchanges queries, keys, values and outputs, and their gradients")
  func heads() throws {
    let graph = try graph(.allToAll)
    let query = 32 * 8 * 16 * 2
    let forward = calls(graph, .forward)
    #expect(forward.map(\.input.count) == [query, keysAndValues / 2, keysAndValues / 2, query])
    #expect(calls(graph, .inputGradient).map(\.input) == forward.map(\.input).reversed())
    #expect(forward.allSatisfy { $0.operation == .allToAll && $0.family == .context })
  }

  @Test("hierarchical exchange is all-to-all inside groups and a ring between them")
  func hierarchical() throws {
    let graph = try graph(.hierarchical(inner: 2))
    let forward = calls(graph, .forward)
    #expect(forward.count { $0.family == .contextInner && $0.operation == .allToAll } == 4)
    #expect(forward.count { $0.family == .contextOuter && $0.operation == .ringExchange } == 1)
    #expect(forward.first { $0.operation == .ringExchange }?.input.count == keysAndValues)
  }

  @Test("a prefill exchanges forward only, a decode combines parts and exchanges no keys")
  func inference() throws {
    let prefill = try graph(.ring, phase: .prefill)
    try prefill.expectSound()
    #expect(calls(prefill, .forward).count == 3)
    #expect(calls(prefill, .inputGradient).isEmpty)
    let decode = try graph(.ring, phase: .decode)
    #expect(calls(decode, .forward).map(\.operation) == [.allGather, .allReduce])
  }

  @Test("exchanges that the heads, the window or CP do not allow are refused in words")
  func refusals() throws {
    #expect(
      #expect(throws: LoweringError.self) { try graph(.allToAll, context: 8) }?.description
        == "an all-to-all over 8 context-parallel ranks needs as many of a tensor-parallel rank's "
        + "8 query and 4 KV heads, or a part of them; exchange keys and values by a ring or an "
        + "all-gather")
    #expect(
      #expect(throws: LoweringError.self) { try graph(.hierarchical(inner: 3)) }?.description
        == "hierarchical context parallelism over 3 inner ranks does not cut CP4; "
        + "choose one of 1, 2, 4")
    var windowed = InvariantTests.mixture
    windowed.layers[0].attention = .groupedQuery(
      GroupedQueryAttention(heads: 8, keyValueHeads: 4, headDimension: 16, slidingWindow: 64))
    #expect(
      #expect(throws: LoweringError.self) { try graph(.ring, model: windowed) }?.description
        == "a ring passes keys that a sliding window of 64 tokens does not see; exchange keys and "
        + "values by an all-gather or an all-to-all")
  }
}

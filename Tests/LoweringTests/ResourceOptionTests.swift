import Graph
import Model
import Parallelism
import Simulation
import Testing
import Units

@testable import Lowering

@Suite("chunks, precision and the host")
struct ResourceOptionTests {
  private static let plan = ParallelPlan(tensor: 4, pipeline: 2, expert: 2, data: 4)

  private func graph(
    plan: ParallelPlan = plan, _ adjust: (inout StepConfiguration) -> Void = { _ in }
  ) throws -> StepGraph {
    var configuration = StepConfiguration(sequenceLength: 128, microbatches: 4)
    adjust(&configuration)
    return try lower(InvariantTests.mixture, plan, configuration)
  }

  @Test("tensor-parallel chunks conserve bytes and FLOPs and split gathers, products and scatters")
  func tensorChunks() throws {
    let whole = try graph()
    let chunked = try graph { $0.overlapsTensor = true }
    try chunked.expectSound()
    for stage in 0..<2 {
      for pass in OperationPass.allCases {
        #expect(whole.flops(stage: stage, pass: pass) == chunked.flops(stage: stage, pass: pass))
      }
      let bytes = { (graph: StepGraph) in graph.bytes(stage: stage) { $1.family == .tensor } }
      #expect(bytes(whole) == bytes(chunked))
      for kind in [
        OperationKind.attentionGather, .queryKeyValue, .outputProjection, .attentionScatter,
      ] {
        #expect(
          chunked.count(stage: stage) { $0.kind == kind }
            == 4 * whole.count(stage: stage) { $0.kind == kind })
      }
      #expect(
        chunked.count(stage: stage) { $0.kind == .attention }
          == whole.count(stage: stage) { $0.kind == .attention })
    }
    let program = chunked.programs[0]
    for (index, operation) in program.operations.enumerated()
    where operation.kind == .queryKeyValue && operation.pass == .forward {
      let needed = program.dependencies(of: index).map { program.operations[Int($0)] }
      #expect(needed.count { $0.kind == .attentionGather } == 1)
    }
  }

  @Test("fp8 quantizes each linear layer's input and output gradient once")
  func quantization() throws {
    for precision in [Precision.fp8Blockwise, .mxfp8, .fp8Tensorwise] {
      let graph = try graph { $0.precision = precision }
      try graph.expectSound()
      let linear: Set<OperationKind> = [.queryKeyValue, .outputProjection, .expertUp, .expertDown]
      for pass in [OperationPass.forward, .inputGradient] {
        let products = graph.count(stage: 0) { linear.contains($0.kind) && $0.pass == pass }
        #expect(graph.count(stage: 0) { $0.kind == .quantize && $0.pass == pass } == products)
        #expect(
          graph.count(stage: 0) { $0.kind == .magnitude && $0.pass == pass }
            == (precision == .fp8Tensorwise ? products : 0))
      }
      for operation in graph.programs.flatMap(\.operations) {
        let format: NumericFormat? =
          switch graph.works[operation.work] {
          case .matrixMultiply(let product): product.format
          case .groupedMatrixMultiply(let product): product.format
          case .attention(let kernel): kernel.format
          default: nil
          }
        if let format {
          #expect(format == (linear.contains(operation.kind) ? .fp8 : .bf16))
        }
      }
    }
  }

  @Test("a cast reads two bytes and writes one twice, with its scales")
  func castBytes() throws {
    let plan = ParallelPlan(data: 1)
    for (precision, scales) in [
      (Precision.fp8Blockwise, 2 * 4 * 128 * 64 / 128), (.mxfp8, 2 * 128 * 64 / 32),
    ] {
      let graph = try graph(plan: plan) { $0.precision = precision }
      let first = try #require(graph.programs[0].operations.first { $0.kind == .quantize })
      #expect(
        graph.works[first.work]
          == .memoryBound(MemoryTraffic(.quantize, bytes: Bytes(4 * 128 * 64 + scales))))
    }
  }

  @Test("quantized products do the same work, and casts save half of their inputs")
  func quantizedConservation() throws {
    let whole = try graph()
    let cast = try graph { $0.precision = .fp8Blockwise }
    for pass in OperationPass.allCases {
      #expect(whole.flops(stage: 1, pass: pass) == cast.flops(stage: 1, pass: pass))
    }
    let saved = { (graph: StepGraph) in
      graph.programs[0].storage.activations.reduce(0) { $0 + $1.bytes.count }
    }
    #expect(saved(cast) < saved(whole))
  }

  @Test("a share of the optimizer on the host moves its gradients out and its weights back")
  func optimizerOffload() throws {
    let graph = try graph { $0.optimizerOffload = 1 }
    let timeline = try graph.expectSound()
    let program = graph.programs[0]
    let owned = program.storage.parameters.reduce(0) {
      $0 + divided($1.elements, by: $1.isExpert ? 2 : 4)
    }
    let bytes = { (kind: OperationKind) -> Int? in
      guard let operation = program.operations.first(where: { $0.kind == kind }),
        case .memoryBound(let traffic) = graph.works[operation.work]
      else { return nil }
      return traffic.bytes.count
    }
    #expect(bytes(.gradientOffload) == 4 * owned)
    #expect(bytes(.hostOptimizer) == 30 * owned)
    #expect(bytes(.parameterReload) == 2 * owned)
    let norm = try #require(program.operations.firstIndex { $0.kind == .gradientNormReduce })
    let copy = try #require(program.operations.firstIndex { $0.kind == .gradientOffload })
    #expect(timeline.finish(rank: 0, operation: norm) < timeline.finish(rank: 0, operation: copy))
  }

  @Test("activations on the host are copied out and back once, and no longer stored")
  func activationOffload() throws {
    for layers in [1, 3, 100] {
      let whole = try graph()
      let graph = try graph { $0.activationOffloadLayers = layers }
      try graph.expectSound()
      let moved = min(layers, 4)
      #expect(graph.count(stage: 0) { $0.kind == .activationOffload } == 4 * moved)
      #expect(graph.count(stage: 0) { $0.kind == .activationReload } == 4 * moved)
      let stored = whole.programs[0].storage.activations.filter { ($0.layer ?? 9) >= moved }
      #expect(graph.programs[0].storage.activations == stored)
      let program = graph.programs[0]
      for (index, operation) in program.operations.enumerated()
      where operation.kind == .activationReload {
        let needed = program.dependencies(of: index).map { program.operations[Int($0)] }
        #expect(
          needed.contains {
            $0.kind == .activationOffload && $0.layer == operation.layer
              && $0.microbatch == operation.microbatch
          })
      }
    }
  }

  @Test("options out of range are refused in words")
  func refusals() {
    #expect(
      #expect(throws: LoweringError.self) { try graph { $0.optimizerOffload = 1.5 } }?.description
        == "1.5 of the optimizer state cannot be kept on the host; choose a share from 0 to 1")
    #expect(
      #expect(throws: LoweringError.self) { try graph { $0.activationOffloadLayers = -1 } }?
        .description
        == "activations of -1 layers cannot be kept on the host; choose 0 or more")
    let plan = ParallelPlan(tensor: 2, data: 2, sequenceParallel: false)
    #expect(
      #expect(throws: LoweringError.self) { try graph(plan: plan) { $0.overlapsTensor = true } }?
        .description
        == "overlapping tensor-parallel communication needs sequence parallelism, whose gathers "
        + "and scatters it cuts into chunks; write SP1")
  }
}

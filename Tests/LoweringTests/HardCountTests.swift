import Graph
import Parallelism
import Testing
import Units

@testable import Lowering

/// Counts from `semantics.md` section 4, which no choice of granularity may change.
@Suite("the flagship's hard counts")
struct HardCountTests {
  /// Collectives of microbatches on one rank of a stage.
  private func calls(_ graph: StepGraph, stage: Int) -> Int {
    graph.collectives(stage: stage).count { $0.operation.pass != .step }
  }

  /// Instances over all groups of the machine: members that share a call count once.
  private func instances(_ graph: StepGraph) -> Int {
    (0..<2).reduce(0) { sum, stage in
      sum
        + graph.collectives(stage: stage).filter { $0.operation.pass != .step }.reduce(0) {
          $0 + 128 / graph.grid.size(of: $1.work.family)
        }
    }
  }

  @Test(
    "a stage-0 rank calls 458 collectives per microbatch and a stage-1 rank 462", arguments: [1, 3])
  func callsPerRank(microbatches: Int) throws {
    let graph = try Flagship.graph(microbatches: microbatches)
    #expect(calls(graph, stage: 0) == 458 * microbatches)
    #expect(calls(graph, stage: 1) == 462 * microbatches)
    #expect(instances(graph) == 23_488 * microbatches)
  }

  @Test("a fused loss saves one call on the last stage")
  func fusedLoss() throws {
    let graph = try Flagship.graph { $0.fusesCrossEntropy = true }
    #expect(calls(graph, stage: 1) == 461)
    #expect(instances(graph) == 23_456)
  }

  @Test("unsharded experts call 314 and 318 collectives")
  func unshardedExperts() throws {
    let graph = try Flagship.graph(microbatches: 2, expertTensor: 1)
    #expect(calls(graph, stage: 0) == 314 * 2)
    #expect(calls(graph, stage: 1) == 318 * 2)
    #expect(instances(graph) == 14_848 * 2)
  }

  @Test("without the auxiliary loss 24 calls fewer on each rank")
  func withoutAuxiliaryLoss() throws {
    let graph = try Flagship.graph { $0.auxiliaryLoss = false }
    #expect(calls(graph, stage: 0) == 458 - 24)
    #expect(calls(graph, stage: 1) == 462 - 24)
    #expect(instances(graph) == 23_488 - 1_536)
  }

  @Test("one layer and microbatch has 484 instances, 10 calls forward and 9 backward")
  func oneLayer() throws {
    let graph = try Flagship.graph()
    let calls = graph.collectives(stage: 0).filter { $0.operation.layer == 5 }
    #expect(calls.count { $0.operation.pass == .forward } == 10)
    #expect(calls.count { $0.operation.pass != .forward } == 9)
    #expect(calls.reduce(0) { $0 + 128 / graph.grid.size(of: $1.work.family) } == 484)
  }

  @Test("396,160 nodes per microbatch, and those of the step once", arguments: [1, 4])
  func nodes(microbatches: Int) throws {
    let graph = try Flagship.graph(microbatches: microbatches)
    let perMicrobatch = graph.programs.map { program in
      program.operations.count { $0.pass != .step }
    }
    #expect(perMicrobatch == [1542 * microbatches, 1553 * microbatches])
    #expect(perMicrobatch.reduce(0, +) * 128 == 396_160 * microbatches)
    let perStep = graph.programs.map { program in program.operations.count { $0.pass == .step } }
    #expect(graph.nodeCount == (perMicrobatch + perStep).reduce(0, +) * 128)
  }

  @Test("a layer has 30 operations forward and 34 backward, 27 and 31 with unsharded experts")
  func canonicalLayer() throws {
    for (expertTensor, forward, backward) in [(4, 30, 34), (1, 27, 31)] {
      let graph = try Flagship.graph(expertTensor: expertTensor)
      #expect(graph.count(stage: 1) { $0.layer == 30 && $0.pass == .forward } == forward)
      #expect(graph.count(stage: 1) { $0.layer == 30 && $0.pass != .forward } == backward)
    }
  }

  @Test("five products forward, five input and five weight gradients, one attention each way")
  func products() throws {
    let graph = try Flagship.graph()
    let isProduct = { (operation: Operation) in
      switch graph.works[operation.work] {
      case .matrixMultiply, .groupedMatrixMultiply: true
      default: false
      }
    }
    for pass in [OperationPass.forward, .inputGradient, .weightGradient] {
      #expect(graph.count(stage: 0) { $0.layer != nil && $0.pass == pass && isProduct($0) } == 120)
    }
    #expect(graph.count(stage: 1) { $0.layer == nil && isProduct($0) } == 3)
    #expect(graph.count(stage: 0) { $0.kind == .attention && $0.pass == .forward } == 24)
    #expect(graph.count(stage: 0) { $0.kind == .attention && $0.pass == .inputGradient } == 24)
  }

  @Test("gradient buckets have Megatron's counts and lengths")
  func buckets() throws {
    let graph = try Flagship.graph()
    let reductions = { (stage: Int, kind: OperationKind) in
      graph.collectives(stage: stage).filter { $0.operation.kind == kind }.map {
        $0.work.input.count / 4
      }
    }
    #expect(reductions(0, .gradientReduce) == [40_142_848, 42_504_448, 114_786_048])
    #expect(reductions(1, .gradientReduce) == [197_435_392])
    #expect(
      reductions(0, .expertGradientReduce)
        == [Int](repeating: 40_108_032, count: 11) + [11_796_480])
    #expect(reductions(1, .expertGradientReduce) == [452_984_832])
    let gathers = graph.collectives(stage: 0).filter { $0.operation.kind == .parameterGather }
    #expect(gathers.map { $0.work.output.count / 2 } == [114_786_048, 42_504_448, 40_142_848])
    #expect(graph.collectives(stage: 0).count { $0.operation.kind == .expertParameterGather } == 12)
  }

  @Test("unsharded experts fill 45 buckets")
  func unshardedBuckets() throws {
    let graph = try Flagship.graph(expertTensor: 1)
    let lengths = graph.collectives(stage: 0)
      .filter { $0.operation.kind == .expertGradientReduce }.map { $0.work.input.count / 4 }
    #expect(lengths == [Int](repeating: 40_894_464, count: 44) + [12_582_912])
  }

  @Test("without overlap each buffer is one bucket, gathered behind the optimizer")
  func withoutOverlap() throws {
    let graph = try Flagship.graph {
      $0.overlapsGradientReduce = false
      $0.overlapsParameterGather = false
    }
    for stage in 0..<2 {
      for kind in [
        OperationKind.gradientReduce, .expertGradientReduce, .parameterGather,
        .expertParameterGather,
      ] {
        #expect(graph.count(stage: stage) { $0.kind == kind } == 1)
      }
      let kinds = graph.programs[stage].operations.map(\.kind)
      let optimizer = try #require(kinds.firstIndex(of: .optimizer))
      let gather = try #require(kinds.firstIndex(of: .parameterGather))
      #expect(optimizer < gather)
    }
  }

  @Test("the close of the step has the counts and sizes of section 4.3")
  func stepEnd() throws {
    let graph = try Flagship.graph()
    for (stage, elements, reports) in [(0, 6_395_904, 0), (1, 6_397_952, 1)] {
      let calls = graph.collectives(stage: stage)
      let bytes = { (kind: OperationKind) in
        calls.filter { $0.operation.kind == kind }.map(\.work.input)
      }
      #expect(bytes(.sequenceGradientReduce) == [Bytes(4 * elements)])
      #expect(bytes(.gradientNormReduce) == [Bytes(4)])
      #expect(bytes(.successFlagReduce).count + bytes(.gradientNormFlagReduce).count == 2)
      #expect(bytes(.lossReportReduce).count == reports)
      #expect(bytes(.embeddingGradientReduce).isEmpty)
    }
  }

  @Test("parameters per rank sum to the model over its unique shards")
  func parameters() throws {
    let graph = try Flagship.graph()
    let sum = { (stage: Int, isExpert: Bool) in
      graph.programs[stage].storage.parameters.filter { $0.isExpert == isExpert }
        .reduce(0) { $0 + $1.elements }
    }
    #expect(sum(0, false) == 197_433_344)
    #expect(sum(1, false) == 197_435_392)
    #expect(sum(0, true) == 452_984_832)
    #expect(sum(1, true) == 452_984_832)
    #expect(graph.programs[0].storage.parameters.count == 169 + 768)
    #expect(graph.programs[1].storage.parameters.count == 170 + 768)
    let replicated = graph.programs.flatMap(\.storage.parameters).filter(\.isSequenceReplicated)
      .reduce(0) { $0 + $1.elements }
    let dense = sum(0, false) + sum(1, false) - replicated
    #expect(dense * 4 + replicated + (sum(0, true) + sum(1, true)) * 32 == 30_532_122_624)
  }

  @Test("messages cross the pipeline once each way per microbatch and coordinate")
  func messages() throws {
    let graph = try Flagship.graph(microbatches: 3)
    #expect(graph.count(stage: 0) { $0.kind == .sendActivation } == 3)
    #expect(graph.count(stage: 1) { $0.kind == .sendGradient } == 3)
    let interleaved = try Flagship.graph(microbatches: 4, virtualPipeline: 3)
    let sends = (0..<2).reduce(0) { sum, stage in
      sum + interleaved.count(stage: stage) { $0.kind == .sendActivation }
    }
    #expect(sends == 4 * (2 * 3 - 1))
    guard
      case .transfer(let bytes) = graph.works[
        try #require(graph.programs[0].operations.first { $0.kind == .sendActivation }).work]
    else { return #expect(Bool(false), "a send moves bytes") }
    #expect(bytes == .mebibytes(4))
  }
}

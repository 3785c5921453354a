import Cost
import Graph
import Hardware
import Parallelism
import Testing
import Units

@Suite("Step costs")
struct StepCostsTests {
  private func graph(
    _ plan: ParallelPlan, phase: StepPhase = .train, usesCUDAGraphs: Bool = false, works: [Work]
  ) -> StepGraph {
    let programs = (0..<plan.pipeline).map {
      StageProgram(pipelineRank: $0, operations: [], dependencyStart: [0], dependencies: [])
    }
    var configuration = StepConfiguration(phase: phase, sequenceLength: 4096, microbatches: 1)
    configuration.usesCUDAGraphs = usesCUDAGraphs
    return StepGraph(
      grid: RankGrid(plan), configuration: configuration, programs: programs, works: works)
  }

  /// Ten microseconds per node, so that placements can be read off a duration.
  private func tenPerNode(_ collective: Collective, _ placement: GroupPlacement) -> Seconds {
    .microseconds(10 * Double(placement.nodes))
  }

  private func microseconds(_ ticks: Ticks) -> Double {
    (ticks.seconds.microseconds * 1000).rounded() / 1000
  }

  @Test("kernels have one entry, equal to their cost rounded")
  func kernels() throws {
    let cluster = try Cluster.named("h100")
    let product = MatrixMultiply(rows: 4096, columns: 4096, inner: 4096)
    let norm = MemoryTraffic(.norm, bytes: .mebibytes(64))
    let costs = try StepCosts(
      graph: graph(.init(), works: [.matrixMultiply(product), .memoryBound(norm)]),
      cluster: cluster, collectiveTime: tenPerNode)
    #expect(costs.offset == [0, 1])
    #expect(costs.isPerGroup == [false, false])
    #expect(
      costs.duration(ofWork: 0, groupIndex: 7)
        == Ticks(rounding: denseGEMMCost(of: product, on: cluster.device).duration))
    #expect(
      costs.duration(ofWork: 1, groupIndex: 0)
        == Ticks(rounding: memoryBoundCost(of: norm, on: cluster.device).duration))
    #expect(costs.launch == Ticks(10_000_000))
    #expect(costs.hostSync == Ticks(20_000_000))
    #expect(costs.graphLaunch == .zero)
  }

  @Test("a captured step launches once and its host waits for nothing")
  func capturedStep() throws {
    let costs = try StepCosts(
      graph: graph(.init(), phase: .decode, usesCUDAGraphs: true, works: []),
      cluster: try Cluster.named("h100"), collectiveTime: tenPerNode)
    #expect(costs.graphLaunch == Ticks(10_000_000))
    #expect(costs.launch == .zero)
    #expect(costs.hostSync == .zero)
  }

  @Test("attention is priced for training in a training step and for serving otherwise")
  func attentionUse() throws {
    let cluster = try Cluster.named("h100")
    let kernel = AttentionKernel(
      batch: 1, heads: 32, keyValueHeads: 8, queryLength: 4096, keyLength: 4096,
      queryKeyDimension: 128, valueDimension: 128)
    func duration(_ phase: StepPhase) throws -> Ticks {
      try StepCosts(
        graph: graph(.init(), phase: phase, works: [.attention(kernel)]), cluster: cluster,
        collectiveTime: tenPerNode
      ).duration(ofWork: 0, groupIndex: 0)
    }
    func expected(_ use: KernelUse) -> Ticks {
      Ticks(rounding: attentionCost(of: kernel, on: cluster.device, for: use).duration)
    }
    #expect(try duration(.train) == expected(.training))
    #expect(try duration(.prefill) == expected(.serving))
  }

  @Test("a family whose groups lie alike has one entry")
  func uniformFamily() throws {
    let gather = Collective(
      .allGather, over: .tensor, input: .mebibytes(1), output: .mebibytes(4))
    let reduce = Collective(
      .allReduce, over: .data, input: .mebibytes(1), output: .mebibytes(1))
    let costs = try StepCosts(
      graph: graph(
        .init(tensor: 4, data: 8), works: [.collective(gather), .collective(reduce)]),
      cluster: .named("h100"), collectiveTime: tenPerNode)
    #expect(costs.durations.map(microseconds) == [10, 40])
    #expect(costs.isPerGroup == [false, false])
  }

  @Test("groups that straddle nodes unequally have one entry each")
  func unequalFamily() throws {
    // Groups of six on nodes of eight: ranks 0-5, 6-11, 12-17, 18-23.
    let reduce = Collective(
      .allReduce, over: .tensor, input: .mebibytes(1), output: .mebibytes(1))
    let grid = graph(.init(tensor: 6, data: 4), works: [.collective(reduce)])
    let costs = try StepCosts(
      graph: grid, cluster: .named("h100"), collectiveTime: tenPerNode)
    #expect(costs.isPerGroup == [true])
    #expect(costs.durations.map(microseconds) == [10, 20, 20, 10])
    for rank in 0..<24 {
      let index = grid.grid.groupIndex(of: .tensor, containing: rank)
      let crosses = (6..<18).contains(rank)
      #expect(
        microseconds(costs.duration(ofWork: 0, groupIndex: index)) == (crosses ? 20 : 10))
    }
  }

  @Test("each placement of a work is priced once")
  func pricedOnce() throws {
    let reduce = Collective(
      .allReduce, over: .tensor, input: .mebibytes(1), output: .mebibytes(1))
    var calls = 0
    _ = try StepCosts(
      graph: graph(.init(tensor: 6, data: 400), works: [.collective(reduce)]),
      cluster: .named("h100")
    ) { _, placement in
      calls += 1
      return .microseconds(Double(placement.nodes))
    }
    // Six ranks on one node; on two as 5 + 1, 4 + 2 or 3 + 3, of which an even stride shows two.
    #expect(calls == 2)
  }

  @Test("messages that all stay inside nodes, or all leave them, have one entry")
  func uniformTransfers() throws {
    let inside = try StepCosts(
      graph: graph(.init(tensor: 2, pipeline: 4), works: [.transfer(.mebibytes(8))]),
      cluster: .named("h100"), collectiveTime: tenPerNode)
    let across = try StepCosts(
      graph: graph(.init(tensor: 8, pipeline: 4), works: [.transfer(.mebibytes(8))]),
      cluster: .named("h100"), collectiveTime: tenPerNode)
    #expect(inside.durations.count == 1 && across.durations.count == 1)
    #expect(inside.durations[0] < across.durations[0])
    #expect(
      across.durations[0]
        == Ticks(
          rounding: transferTime(
            of: .mebibytes(8), over: .acrossNodes, among: 4, on: try .named("h100"))))
  }

  @Test("a pipeline that leaves its node only sometimes has an entry for each path")
  func mixedTransfers() throws {
    let costs = try StepCosts(
      graph: graph(.init(tensor: 4, pipeline: 4), works: [.transfer(.mebibytes(8))]),
      cluster: .named("h100"), collectiveTime: tenPerNode)
    #expect(costs.isPerGroup == [true])
    #expect(costs.pathIndex(from: 0, to: 4) == 0)
    #expect(costs.pathIndex(from: 4, to: 8) == 1)
    #expect(costs.pathIndex(from: 8, to: 4) == 1)
    #expect(costs.pathIndex(from: 12, to: 0) == 1)
    #expect(
      costs.duration(ofWork: 0, groupIndex: 0) < costs.duration(ofWork: 0, groupIndex: 1))
  }

  @Test("an NVL72 rack is one node")
  func rack() throws {
    let reduce = Collective(
      .allReduce, over: .data, input: .mebibytes(1), output: .mebibytes(1))
    let costs = try StepCosts(
      graph: graph(.init(data: 72), works: [.collective(reduce)]),
      cluster: .named("gb200"), collectiveTime: tenPerNode)
    #expect(costs.durations.map(microseconds) == [10])
  }

  @Test("a format that the device lacks is refused")
  func unsupportedFormat() throws {
    let product = MatrixMultiply(rows: 64, columns: 64, inner: 64, format: .fp8)
    let error = try #require(throws: CostError.self) {
      try StepCosts(
        graph: graph(.init(), works: [.matrixMultiply(product)]), cluster: .named("a100"),
        collectiveTime: tenPerNode)
    }
    #expect(
      error.description
        == "A100-SXM-80GB has no fp8 tensor cores; choose one of fp32, bf16, fp16")
  }

  @Test("every kernel explains itself, and what depends on a placement does not claim to")
  func explanations() throws {
    let device = try Cluster.named("h100").device
    let kernels: [Work] = [
      .matrixMultiply(.init(rows: 64, columns: 64, inner: 64)),
      .groupedMatrixMultiply(.init(groups: 2, rows: 64, columns: 64, inner: 64)),
      .memoryBound(.init(.add, bytes: .mebibytes(1))),
      .attention(
        .init(
          batch: 1, heads: 8, keyValueHeads: 8, queryLength: 64, keyLength: 64,
          queryKeyDimension: 64, valueDimension: 64)),
    ]
    for work in kernels {
      let cost = try #require(work.kernelCost(on: device, for: .training))
      #expect(cost.duration > cost.latency)
    }
    #expect(Work.transfer(.mebibytes(1)).kernelCost(on: device, for: .training) == nil)
  }

  @Test("what the host does is priced by the host, and by no device")
  func hostTraffic() throws {
    let cluster = try Cluster.named("h100")
    let copy = MemoryTraffic(.hostTransfer, bytes: Bytes(53_600_000))
    let costs = try StepCosts(
      graph: graph(.init(), works: [.memoryBound(copy)]), cluster: cluster,
      collectiveTime: tenPerNode)
    // 53.6 GB/s, and 10 µs to start.
    #expect(costs.durations.map(microseconds) == [1010])
    #expect(Work.memoryBound(copy).kernelCost(on: cluster.device, for: .training) == nil)
    #expect(hostCost(of: MemoryTraffic(.add, bytes: .mebibytes(1)), on: cluster.host) == nil)
  }

  @Test(
    "fused expert kernels are priced as DeepEP's: low latency in decode, normal otherwise",
    arguments: TokenRouting.Direction.allCases)
  func expertKernels(direction: TokenRouting.Direction) throws {
    let cluster = try Cluster.named("h100")
    let routing = TokenRouting(direction, tokens: 128, hidden: 7168, topK: 8, format: .bf16)
    let bytes = Bytes(128 * 7168 * 2 * 7)
    func duration(_ phase: StepPhase, _ routing: TokenRouting?) throws -> Ticks {
      let exchange = Collective(
        .allToAll, over: .expert, input: bytes, output: bytes, isVariable: true, routing: routing)
      return try StepCosts(
        graph: graph(.init(expert: 32, data: 32), phase: phase, works: [.collective(exchange)]),
        cluster: cluster
      ).duration(ofWork: 0, groupIndex: 0)
    }
    let exchange = ExpertExchange(
      direction, tokens: 128, hidden: 7168, topK: 8, format: .bf16, ranks: 32, nodes: 4)
    let normal = Ticks(rounding: normalExchangeTime(of: exchange, on: cluster))
    #expect(try duration(.train, routing) == normal)
    #expect(try duration(.prefill, routing) == normal)
    #expect(
      try duration(.decode, routing)
        == Ticks(rounding: lowLatencyExchangeTime(of: exchange, on: cluster)))
    #expect(try duration(.train, nil) != normal)
  }

  @Test("a later step of a ring costs the slower of the two kinds that run in it")
  func zigzag() throws {
    let device = try Cluster.named("h100").device
    func kernel(_ queries: Int, _ keys: Int, isZigzagHalf: Bool, isBackward: Bool) -> Seconds {
      let kernel = AttentionKernel(
        batch: 1, heads: 4, keyValueHeads: 4, queryLength: queries, keyLength: keys,
        queryKeyDimension: 128, valueDimension: 128, isCausal: false, isBackward: isBackward,
        isZigzagHalf: isZigzagHalf)
      return attentionCost(of: kernel, on: device, for: .training).duration
    }
    for isBackward in [false, true] {
      for length in [256, 1024, 4096, 16384] {
        let halves = [
          kernel(length, length / 2, isZigzagHalf: false, isBackward: isBackward),
          kernel(length / 2, length, isZigzagHalf: false, isBackward: isBackward),
        ]
        let step = kernel(length, length / 2, isZigzagHalf: true, isBackward: isBackward)
        #expect(step == halves.max())
      }
    }
  }

  @Test("the same step costs the same twice")
  func deterministic() throws {
    let works: [Work] = [
      .matrixMultiply(.init(rows: 1000, columns: 2000, inner: 3000)),
      .collective(
        .init(.allToAll, over: .expert, input: .mebibytes(1), output: .mebibytes(1))),
      .transfer(.mebibytes(3)),
    ]
    let step = graph(.init(tensor: 6, pipeline: 2, expert: 2, data: 4), works: works)
    let cluster = try Cluster.named("b200")
    #expect(
      try StepCosts(graph: step, cluster: cluster, collectiveTime: tenPerNode)
        == StepCosts(graph: step, cluster: cluster, collectiveTime: tenPerNode))
  }
}

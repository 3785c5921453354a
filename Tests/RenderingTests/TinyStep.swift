import Cost
import Graph
import Parallelism
import Rendering
import Simulation
import Units

/// A step small enough to check by eye: TP2 × PP2, one layer per stage, some microbatches, every
/// kind of meeting.
enum TinyStep {
  static let plan = ParallelPlan(tensor: 2, pipeline: 2)

  static let works: [Work] = [
    .matrixMultiply(MatrixMultiply(rows: 64, columns: 32, inner: 16)),
    .collective(
      Collective(.allGather, over: .tensor, input: Bytes(1024), output: Bytes(2048))),
    .transfer(Bytes(1024)),
    .collective(Collective(.allReduce, over: .world, input: Bytes(4), output: Bytes(4))),
    .memoryBound(MemoryTraffic(.optimizer, bytes: Bytes(4096))),
  ]

  static func graph(microbatches: Int = 2) -> StepGraph {
    StepGraph(
      grid: RankGrid(plan),
      configuration: StepConfiguration(sequenceLength: 64, microbatches: microbatches),
      programs: [first(microbatches), last(microbatches)], works: works)
  }

  /// Durations in microseconds: 10 for products, 4 for gathers, 2 for messages, 1 and 3 at the end.
  static func timeline(microbatches: Int = 2) throws -> Timeline {
    let costs = StepCosts(
      durations: [10, 4, 2, 1, 3].map { Ticks(rounding: .microseconds($0)) },
      offset: [0, 1, 2, 3, 4], isPerGroup: [Bool](repeating: false, count: 5))
    return try EventDrivenExecutor(graph(microbatches: microbatches), costs: costs).run()
  }

  static let title = PictureTitle(
    subject: "Picture", model: "tiny", plan: "TP2-PP2", cluster: "4 × test GPU",
    stepTime: Ticks(rounding: .microseconds(91)), details: ["2 microbatches"])

  /// Operations of the first stage per microbatch: gather, product, send, then receive, dgrad, wgrad.
  private static func first(_ microbatches: Int) -> StageProgram {
    var program = ProgramSketch(stage: 0)
    for microbatch in 0..<microbatches {
      program.add(.attentionGather, .forward, .tensor, .collective(.tensor), 1, microbatch)
      program.add(.queryKeyValue, .forward, .compute, .none, 0, microbatch)
      program.add(
        .sendActivation, .forward, .pipelineSend, .send, 2, microbatch, partner: 6 * microbatch,
        peer: 1)
      program.add(
        .receiveGradient, .inputGradient, .pipelineReceive, .receive, 2, microbatch,
        partner: 6 * microbatch + 5, peer: 1)
      program.add(.queryKeyValue, .inputGradient, .compute, .none, 0, microbatch)
      program.add(.queryKeyValue, .weightGradient, .compute, .none, 0, microbatch)
    }
    program.addEnd()
    return program.program
  }

  /// Operations of the last stage per microbatch: receive, gather, product, dgrad, wgrad, send.
  private static func last(_ microbatches: Int) -> StageProgram {
    var program = ProgramSketch(stage: 1)
    for microbatch in 0..<microbatches {
      program.add(
        .receiveActivation, .forward, .pipelineReceive, .receive, 2, microbatch,
        partner: 6 * microbatch + 2, peer: 0)
      program.add(.attentionGather, .forward, .tensor, .collective(.tensor), 1, microbatch)
      program.add(.queryKeyValue, .forward, .compute, .none, 0, microbatch)
      program.add(.queryKeyValue, .inputGradient, .compute, .none, 0, microbatch)
      program.add(.queryKeyValue, .weightGradient, .compute, .none, 0, microbatch)
      program.add(
        .sendGradient, .inputGradient, .pipelineSend, .send, 2, microbatch,
        partner: 6 * microbatch + 3, peer: 0)
    }
    program.addEnd()
    return program.program
  }
}

/// Collects the operations of a stage; each depends on the one before it.
private struct ProgramSketch {
  private let stage: Int
  private var operations: [Graph.Operation] = []
  private var calls: [GroupFamily: Int] = [:]

  init(stage: Int) { self.stage = stage }

  mutating func add(
    _ kind: OperationKind, _ pass: OperationPass, _ stream: DeviceStream, _ meeting: Meeting,
    _ work: Int, _ microbatch: Int?, partner: Int = -1, peer: Int = -1
  ) {
    var partner = partner
    if case .collective(let family) = meeting {
      partner = calls[family, default: 0]
      calls[family, default: 0] += 1
    }
    let isInLayer = microbatch != nil && stream != .pipelineSend && stream != .pipelineReceive
    operations.append(
      Graph.Operation(
        kind: kind, pass: pass, stream: stream, meeting: meeting, layer: isInLayer ? stage : nil,
        microbatch: microbatch, work: work, partner: partner, peer: peer))
  }

  mutating func addEnd() {
    add(.gradientNormReduce, .step, .global, .collective(.world), 3, nil)
    add(.optimizer, .step, .compute, .none, 4, nil)
  }

  var program: StageProgram {
    let starts = operations.indices.map { Int32(max(0, $0 - 1)) } + [Int32(operations.count - 1)]
    return StageProgram(
      pipelineRank: stage, operations: operations, dependencyStart: starts,
      dependencies: (0..<operations.count - 1).map(Int32.init))
  }
}

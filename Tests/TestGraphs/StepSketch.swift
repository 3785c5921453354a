public import Cost
public import Graph
public import Parallelism
import Units

/// A step graph written by hand, operation by operation, with made-up durations in picoseconds.
public struct StepSketch {
  public let grid: RankGrid
  public private(set) var programs: [[Operation]]
  private var dependencies: [[[Int32]]]
  private var works: [Work] = []
  private var durations: [[Int64]] = []

  public init(_ plan: ParallelPlan) {
    grid = RankGrid(plan)
    programs = Array(repeating: [], count: plan.pipeline)
    dependencies = Array(repeating: [], count: plan.pipeline)
  }

  /// Appends a kernel and returns its index.
  @discardableResult public mutating func kernel(
    _ duration: Int64, on stage: Int = 0, stream: DeviceStream = .compute, after needed: [Int] = [],
    blocksHost: Bool = false
  ) -> Int {
    let work = add(.memoryBound(MemoryTraffic(.add, bytes: .zero)), [duration])
    return append(
      Operation(
        kind: .activation, pass: .forward, stream: stream, work: work, blocksHost: blocksHost),
      to: stage, after: needed)
  }

  /// Appends a collective to some stages and returns its index in each.
  ///
  /// - Parameter durations: one, or one per group of the family.
  @discardableResult public mutating func collective(
    _ durations: [Int64], over family: GroupFamily, on stages: [Int] = [0],
    after needed: [[Int]] = [[]], blocksHost: Bool = false
  ) -> [Int] {
    let collective = Collective(.allReduce, over: family, input: .zero, output: .zero)
    let work = add(.collective(collective), durations)
    return stages.enumerated().map { position, stage in
      let calls = programs[stage].count { $0.meeting == .collective(family) }
      return append(
        Operation(
          kind: .feedForwardScatter, pass: .forward, stream: family.sketchStream,
          meeting: .collective(family), work: work, partner: calls, blocksHost: blocksHost),
        to: stage, after: needed[position % needed.count])
    }
  }

  /// Appends a message's two ends.
  ///
  /// - Parameter durations: one, or one for each path.
  @discardableResult public mutating func message(
    _ durations: [Int64], from sender: Int, to receiver: Int, sendAfter: [Int] = [],
    receiveAfter: [Int] = []
  ) -> (send: Int, receive: Int) {
    let work = add(.transfer(.zero), durations)
    let send = half(.send, of: work, on: sender, peer: receiver, after: sendAfter)
    let receive = half(.receive, of: work, on: receiver, peer: sender, after: receiveAfter)
    join(send, on: sender, with: receive, on: receiver)
    return (send, receive)
  }

  /// Adds a work of a message, for `half`.
  public mutating func transfer(_ durations: [Int64]) -> Int { add(.transfer(.zero), durations) }

  /// Appends one end of a message.
  public mutating func half(
    _ meeting: Meeting, of work: Int, on stage: Int, peer: Int, after needed: [Int] = []
  ) -> Int {
    let isSend = meeting == .send
    return append(
      Operation(
        kind: isSend ? .sendActivation : .receiveActivation, pass: .forward,
        stream: isSend ? .pipelineSend : .pipelineReceive, meeting: meeting, microbatch: 0,
        work: work, peer: peer),
      to: stage, after: needed)
  }

  /// Makes two ends name each other.
  public mutating func join(_ end: Int, on stage: Int, with other: Int, on otherStage: Int) {
    programs[stage][end] = programs[stage][end].placed(microbatch: 0, partner: other)
    programs[otherStage][other] = programs[otherStage][other].placed(microbatch: 0, partner: end)
  }

  public var graph: StepGraph {
    StepGraph(
      grid: grid, configuration: StepConfiguration(sequenceLength: 1, microbatches: 1),
      programs: programs.indices.map { stage in
        StageProgram(
          pipelineRank: stage, operations: programs[stage],
          dependencyStart: dependencies[stage].reduce(into: [0]) {
            $0.append($0[$0.count - 1] + Int32($1.count))
          }, dependencies: dependencies[stage].flatMap { $0 })
      }, works: works)
  }

  /// The durations, all times a factor.
  public func costs(
    launch: Int64 = 0, hostSync: Int64 = 0, domainSize: Int = .max, scaledBy factor: Int64 = 1
  ) -> StepCosts {
    StepCosts(
      durations: durations.joined().map { Ticks(factor * $0) },
      offset: durations.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }.dropLast(),
      isPerGroup: durations.map { $0.count > 1 }, launch: Ticks(factor * launch),
      hostSync: Ticks(factor * hostSync), domainSize: domainSize)
  }

  private mutating func add(_ work: Work, _ durations: [Int64]) -> Int {
    works.append(work)
    self.durations.append(durations)
    return works.count - 1
  }

  private mutating func append(_ operation: Operation, to stage: Int, after needed: [Int]) -> Int {
    programs[stage].append(operation)
    dependencies[stage].append(needed.map(Int32.init))
    return programs[stage].count - 1
  }
}

extension GroupFamily {
  /// A stream for each family: all calls of one family share it.
  fileprivate var sketchStream: DeviceStream {
    switch self {
    case .tensor, .tensorContext: .tensor
    case .context, .contextInner, .contextOuter: .context
    case .expert, .expertTensorExpert: .expert
    case .expertTensor: .expertTensor
    case .data, .dataContext, .shard, .replica, .mirrorDataContext, .mirrorReplica: .data
    case .expertData, .expertShard, .expertReplica, .mirrorExpertData, .mirrorExpertReplica:
      .expertData
    case .pipeline, .tensorPipeline, .stage, .expertTensorExpertPipeline, .embedding, .world:
      .global
    }
  }
}

import Graph
import Parallelism
import Units

/// Derives the operations of one chunk's forward and backward from its tape.
struct ChunkOperations {
  let tape: Tape
  let chunk: Int
  /// The layers of the model that the chunk holds, prediction modules apart.
  let layers: Range<Int>
  /// Pipeline ranks of the neighbouring stages; nil at the ends of the model.
  let previousRank: Int?
  let nextRank: Int?
  /// What the backward computes again.
  let recomputed: [RecomputedUnit]

  /// The forward block. `gathers` names, for each parameter, the operation that gathers it;
  /// `taking` is the result of the previous stage where that is on the same rank.
  func forward(
    in works: inout WorkTable, gathers: [Int: Int32] = [:], taking: [Block.Dependency] = []
  ) -> Block {
    var block = Block(.forward)
    // For each node, what stands for its output.
    var outputs: [[Block.Dependency]] = []
    outputs.reserveCapacity(tape.nodes.count)
    for node in tape.nodes {
      let sources = union(of: (node.inputs + node.sideInputs).map { outputs[$0] })
      guard let work = node.forwardWork else {
        if case .handOver = node.action { block.result = sources }
        if case .take = node.action { outputs.append(taking) } else { outputs.append(sources) }
        continue
      }
      let gathered = Set(node.parameters.compactMap { gathers[$0] }).sorted()
      let operation = makeOperation(
        node, node.kind, .forward, works.number(of: work), work, peer: peer(of: node),
        blocksHost: node.blocksHost)
      let needed = sources + gathered.map(Block.Dependency.absolute)
      outputs.append([.local(block.append(operation, after: needed))])
    }
    block.result = block.result.map { block.exported($0, chunk: chunk) }
    return block
  }

  /// The backward block. `reductions` are emitted as soon as the last weight gradient of their
  /// bucket is: the last microbatch's variant. `taking` is the gradient from the next stage where
  /// that is on the same rank.
  func backward(
    in works: inout WorkTable, reductions: [BucketReduction] = [],
    taking: [Block.Dependency] = []
  ) -> Block {
    var emitter = BackwardEmitter(operations: self, reductions: reductions, taking: taking)
    return emitter.emit(in: &works)
  }

  func makeOperation(
    _ node: TapeNode, _ kind: OperationKind, _ pass: OperationPass, _ number: Int, _ work: Work,
    peer: Int = -1, blocksHost: Bool = false
  ) -> Operation {
    Operation(
      kind: kind, pass: pass,
      stream: work.isKernel ? node.stream : work.stream(of: kind), meeting: work.meeting(of: kind),
      layer: node.layer, chunk: chunk, work: number, peer: peer, blocksHost: blocksHost)
  }

  private func peer(of node: TapeNode) -> Int {
    switch node.action {
    case .send: nextRank ?? -1
    case .receive: previousRank ?? -1
    default: -1
    }
  }
}

/// The members of several short lists, each once, in order of first appearance.
func union<Member: Equatable>(of lists: [[Member]]) -> [Member] {
  var members: [Member] = []
  for member in lists.joined() where !members.contains(member) { members.append(member) }
  return members
}

extension TapeNode {
  /// The work of the forward operation; nil where there is none.
  var forwardWork: Work? {
    switch action {
    case .kernel(let forward, _): forward
    case .linear(let forward, _, _): forward
    case .collective(let forward, _, _): forward.map(Work.collective)
    case .receive(let bytes), .send(let bytes): .transfer(bytes)
    case .take, .handOver: nil
    }
  }
}

extension Work {
  /// Whether it runs on its own rank alone.
  var isKernel: Bool {
    switch self {
    case .matrixMultiply, .groupedMatrixMultiply, .attention, .memoryBound: true
    case .collective, .transfer: false
    }
  }

  /// The stream on which an operation of this work runs.
  func stream(of kind: OperationKind) -> DeviceStream {
    switch self {
    case .matrixMultiply, .groupedMatrixMultiply, .attention, .memoryBound: .compute
    case .collective(let collective): collective.family.stream
    case .transfer:
      kind == .sendActivation || kind == .sendGradient ? .pipelineSend : .pipelineReceive
    }
  }

  /// Whom an operation of this work meets.
  func meeting(of kind: OperationKind) -> Meeting {
    switch self {
    case .matrixMultiply, .groupedMatrixMultiply, .attention, .memoryBound: .none
    case .collective(let collective): .collective(collective.family)
    case .transfer: kind == .sendActivation || kind == .sendGradient ? .send : .receive
    }
  }
}

extension GroupFamily {
  /// The communication stream of a group family: one per axis, as frameworks create them.
  var stream: DeviceStream {
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

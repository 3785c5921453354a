import Graph
import Parallelism

/// Gives every send and receive the index of its partner in the partner's program.
///
/// A message is named by the stage boundary that it crosses, its direction and its microbatch.
func matchMessages(of programs: inout [StageProgram], order: PipelineOrder) {
  let boundaries = order.stages - 1
  // For each boundary and microbatch: activation sent and received, gradient sent and received.
  var ends = [Int32](repeating: -1, count: boundaries * order.microbatches * 4)
  // By program, its messages with the place of their other end.
  var messages: [[(operation: Int, other: Int)]] = []
  for program in programs {
    var own: [(operation: Int, other: Int)] = []
    for index in program.operations.indices {
      let operation = program.operations[index]
      guard let end = operation.kind.messageEnd, let microbatch = operation.microbatch else {
        continue
      }
      let stage = order.stage(rank: program.pipelineRank, chunk: operation.chunk)
      let boundary = end.isBehindStage ? stage : stage - 1
      let first = (boundary * order.microbatches + microbatch) * 4
      ends[first + end.own] = Int32(index)
      own.append((index, first + end.other))
    }
    messages.append(own)
  }
  for (rank, own) in messages.enumerated() {
    for (operation, other) in own { programs[rank].setPartner(Int(ends[other]), of: operation) }
  }
}

extension OperationKind {
  /// Which end of which message of a boundary an operation is, and whether the boundary lies behind
  /// its stage; nil for everything else.
  fileprivate var messageEnd: (own: Int, other: Int, isBehindStage: Bool)? {
    switch self {
    case .sendActivation: (0, 1, true)
    case .receiveActivation: (1, 0, false)
    case .sendGradient: (2, 3, false)
    case .receiveGradient: (3, 2, true)
    default: nil
    }
  }
}

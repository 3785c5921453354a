import Graph
import Parallelism

/// Gives every send and receive the index of its partner in the partner's program.
///
/// A message is named by the stage boundary that it crosses, its direction and its microbatch.
func matchingMessages(of programs: [StageProgram], order: PipelineOrder) -> [StageProgram] {
  let boundaries = order.stages - 1
  // For each boundary and microbatch: activation sent and received, gradient sent and received.
  var ends = [Int32](repeating: -1, count: boundaries * order.microbatches * 4)
  func slot(_ operation: Operation, rank: Int) -> (own: Int, other: Int)? {
    let stage = order.stage(rank: rank, chunk: operation.chunk)
    guard let microbatch = operation.microbatch else { return nil }
    func place(_ boundary: Int, _ own: Int, _ other: Int) -> (own: Int, other: Int) {
      let base = (boundary * order.microbatches + microbatch) * 4
      return (base + own, base + other)
    }
    switch operation.kind {
    case .sendActivation: return place(stage, 0, 1)
    case .receiveActivation: return place(stage - 1, 1, 0)
    case .sendGradient: return place(stage - 1, 2, 3)
    case .receiveGradient: return place(stage, 3, 2)
    default: return nil
    }
  }
  for program in programs {
    for (index, operation) in program.operations.enumerated() {
      if let place = slot(operation, rank: program.pipelineRank) { ends[place.own] = Int32(index) }
    }
  }
  return programs.map { program in
    var operations = program.operations
    for (index, operation) in operations.enumerated() {
      guard let place = slot(operation, rank: program.pipelineRank) else { continue }
      operations[index] = operation.placed(
        microbatch: operation.microbatch ?? -1, partner: Int(ends[place.other]))
    }
    return StageProgram(
      pipelineRank: program.pipelineRank, operations: operations,
      dependencyStart: program.dependencyStart, dependencies: program.dependencies,
      storage: program.storage)
  }
}

import Cost
import Graph
import Parallelism
import Units

/// A stage program as a backward sweep reads it: what precedes each operation, and how long it takes.
struct BackwardProgram {
  let operations: [BackwardOperation]
  private let dependencies: [Int32]
  private let dependencyStart: [Int32]

  /// - Complexity: linear in the operations of the program.
  init(_ program: StageProgram, costs: StepCosts, stride: Int) {
    var lastOfStream = [Int32](repeating: -1, count: DeviceStream.allCases.count)
    var blocker: Int32 = -1
    var operations: [BackwardOperation] = []
    operations.reserveCapacity(program.operations.count)
    for (index, operation) in program.operations.enumerated() {
      let stream = Int(operation.stream.rawValue)
      let launches = Int64(index - Int(blocker))
      let isReceive = operation.meeting == .receive
      let isMessage = isReceive || operation.meeting == .send
      let priced = costs.pricedWork(of: operation)
      let mayVary = operation.meeting == .none && costs.haveUnequalKernels
      operations.append(
        BackwardOperation(
          meeting: operation.meeting, isUniform: !costs.isPerGroup[priced] && !mayVary,
          previous: lastOfStream[stream], blocker: blocker,
          lead: costs.hostSync.picoseconds + launches * costs.launch.picoseconds,
          duration: isReceive
            ? 0 : costs.durations[costs.offset[priced]].picoseconds,
          work: priced, partner: operation.partner,
          distance: isMessage ? (operation.peer - program.pipelineRank) * stride : 0))
      lastOfStream[stream] = Int32(index)
      if operation.blocksHost { blocker = Int32(index) }
    }
    self.operations = operations
    dependencies = program.dependencies
    dependencyStart = program.dependencyStart
  }

  /// Visits what must end before an operation starts, and how long before.
  @inline(__always)
  func forEachPredecessor(of index: Int, _ visit: (Int, Int64) -> Void) {
    let operation = operations[index]
    for position in dependencyStart[index]..<dependencyStart[index + 1] {
      visit(Int(dependencies[Int(position)]), 0)
    }
    if operation.previous >= 0 { visit(Int(operation.previous), 0) }
    if operation.blocker >= 0 { visit(Int(operation.blocker), operation.lead) }
  }
}

/// One operation of a backward program.
struct BackwardOperation {
  let meeting: Meeting
  /// Whether `duration` holds for every group, path or rank.
  let isUniform: Bool
  /// The operation before it on its stream, or -1.
  let previous: Int32
  /// The operation that the host waited for last before launching it, or -1.
  let blocker: Int32
  /// From the blocker's end until this is launched, in picoseconds.
  let lead: Int64
  /// How long it holds its stream once it runs, in picoseconds; a receive ends with its message.
  let duration: Int64
  /// The work that prices it.
  let work: Int
  /// For a message, its other end's index in the other program.
  let partner: Int
  /// For a message, how many ranks away its other end is.
  let distance: Int
}

import Graph
import Parallelism

/// An order of all programs' operations in which each comes after everything it waits for, so that one
/// sweep along it plays the step.
///
/// Every stage runs ahead in its program until it must wait for another one. All ranks of a stage can
/// move together: whatever one of them waits for, its neighbours in the stage wait for too.
struct SweepOrder {
  /// Consecutive operations of one stage.
  struct Run: Hashable {
    let stage: Int
    let operations: Range<Int>
  }

  private(set) var runs: [Run] = []
  private let programs: [StageProgram]
  /// By stage, the operations that may have to wait for other stages.
  private let stops: [[Int]]
  /// By stage, how many operations have been run.
  private var next: [Int]
  private var nextStop: [Int]
  /// By stage, the meeting whose other stages have yet to arrive.
  private var awaited: [Int?]
  /// By meeting, the stages that have arrived at its next collective.
  private var arrived: [Int]

  /// Nil when no rank could execute its operations one at a time: then stream must overtake stream,
  /// or the step never ends.
  ///
  /// - Complexity: linear in the operations of the programs.
  init?(_ graph: StepGraph) {
    programs = graph.programs
    stops = graph.programs.map { program in
      program.operations.indices.filter {
        program.operations[$0].meeting.mayWaitForOtherStages(
          stage: program.pipelineRank, of: graph.programs.count)
      }
    }
    next = [Int](repeating: 0, count: programs.count)
    nextStop = next
    awaited = [Int?](repeating: nil, count: programs.count)
    arrived = [Int](repeating: 0, count: GroupFamily.allCases.count * programs.count)
    var isMoving = true
    while isMoving {
      isMoving = false
      for stage in programs.indices where runAhead(stage) { isMoving = true }
    }
    let isComplete = programs.indices.allSatisfy {
      next[$0] == programs[$0].operations.count && awaited[$0] == nil
    }
    if !isComplete { return nil }
  }

  /// Runs a stage until it must wait; whether it moved.
  private mutating func runAhead(_ stage: Int) -> Bool {
    let first = next[stage]
    while awaited[stage] == nil, nextStop[stage] < stops[stage].count {
      let stop = stops[stage][nextStop[stage]]
      let operation = programs[stage].operations[stop]
      next[stage] = stop
      if case .receive = operation.meeting, next[operation.peer] <= operation.partner { break }
      next[stage] = stop + 1
      nextStop[stage] += 1
      if case .collective(let family) = operation.meeting { arrive(at: family, stage) }
    }
    if awaited[stage] == nil, nextStop[stage] == stops[stage].count {
      next[stage] = programs[stage].operations.count
    }
    guard next[stage] > first else { return false }
    runs.append(Run(stage: stage, operations: first..<next[stage]))
    return true
  }

  /// Joins a collective that spans stages; the last stage to arrive frees the others.
  private mutating func arrive(at family: GroupFamily, _ stage: Int) {
    let meeting = family.meeting(ofStage: stage, of: programs.count)
    arrived[meeting.number] += 1
    guard arrived[meeting.number] == meeting.stages else {
      awaited[stage] = meeting.number
      return
    }
    arrived[meeting.number] = 0
    for other in awaited.indices where awaited[other] == meeting.number { awaited[other] = nil }
  }
}

extension Meeting {
  /// Whether it can begin only when another stage has come as far.
  func mayWaitForOtherStages(stage: Int, of stages: Int) -> Bool {
    switch self {
    case .none, .send: false
    case .receive: true
    case .collective(let family):
      family.crossesStages && family.meeting(ofStage: stage, of: stages).stages > 1
    }
  }
}

extension GroupFamily {
  /// Which stages a stage meets in groups that cross stages: a number below families times stages,
  /// which they share, and how many they are.
  func meeting(ofStage stage: Int, of stages: Int) -> (number: Int, stages: Int) {
    let first = Int(rawValue) * stages
    if self == .embedding { return (first, min(2, stages)) }
    guard isMirrored else { return (first, stages) }
    // With an odd number of stages none has a mirror image.
    return stages % 2 == 0 ? (first + min(stage, stages - 1 - stage), 2) : (first + stage, 1)
  }
}

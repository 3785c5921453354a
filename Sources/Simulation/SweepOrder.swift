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
  /// By stage, the family whose other stages have yet to arrive.
  private var awaited: [GroupFamily?]
  /// By family, the stages that have arrived at its next collective.
  private var arrived: [Int]

  /// Nil when no rank could execute its operations one at a time: then stream must overtake stream,
  /// or the step never ends.
  ///
  /// - Complexity: linear in the operations of the programs.
  init?(_ graph: StepGraph) {
    programs = graph.programs
    stops = graph.programs.map { program in
      program.operations.indices.filter {
        program.operations[$0].meeting.mayWaitForOtherStages(of: graph.programs.count)
      }
    }
    next = [Int](repeating: 0, count: programs.count)
    nextStop = next
    awaited = [GroupFamily?](repeating: nil, count: programs.count)
    arrived = [Int](repeating: 0, count: GroupFamily.allCases.count)
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
    arrived[Int(family.rawValue)] += 1
    guard arrived[Int(family.rawValue)] == family.stages(of: programs.count) else {
      awaited[stage] = family
      return
    }
    arrived[Int(family.rawValue)] = 0
    for other in awaited.indices where awaited[other] == family { awaited[other] = nil }
  }
}

extension Meeting {
  /// Whether it can begin only when another stage has come as far.
  func mayWaitForOtherStages(of stages: Int) -> Bool {
    switch self {
    case .none, .send: false
    case .receive: true
    case .collective(let family): family.crossesStages && stages > 1
    }
  }
}

extension GroupFamily {
  /// How many of a pipeline's stages a group that crosses stages has members in.
  func stages(of pipeline: Int) -> Int { self == .embedding ? min(2, pipeline) : pipeline }
}

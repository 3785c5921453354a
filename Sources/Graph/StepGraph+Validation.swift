public import Parallelism

/// A broken invariant of a step graph: a mistake of the builder, never of the user.
public enum GraphDefect: Error, Hashable, Sendable, CustomStringConvertible {
  case dependencyPointsForward(stage: Int, operation: Int, dependency: Int)
  case workOutOfRange(stage: Int, operation: Int)
  case workDoesNotMatchMeeting(stage: Int, operation: Int)
  case collectiveMissed(family: GroupFamily, stage: Int, otherStage: Int)
  case collectiveDisagrees(family: GroupFamily, stage: Int, otherStage: Int, call: Int)
  case unmatchedMessage(stage: Int, operation: Int)
  case messageSizesDiffer(stage: Int, operation: Int)

  public var description: String {
    switch self {
    case .dependencyPointsForward(let stage, let operation, let dependency):
      "stage \(stage): operation \(operation) depends on \(dependency), which is not before it"
    case .workOutOfRange(let stage, let operation):
      "stage \(stage): operation \(operation) has no work in the table"
    case .workDoesNotMatchMeeting(let stage, let operation):
      "stage \(stage): operation \(operation) meets others in another way than its work says"
    case .collectiveMissed(let family, let stage, let otherStage):
      "stages \(stage) and \(otherStage) call \(family.label) collectives a different number of times"
    case .collectiveDisagrees(let family, let stage, let otherStage, let call):
      "stages \(stage) and \(otherStage) disagree on call \(call) of \(family.label)"
    case .unmatchedMessage(let stage, let operation):
      "stage \(stage): operation \(operation) has no partner that names it"
    case .messageSizesDiffer(let stage, let operation):
      "stage \(stage): operation \(operation) and its partner move different amounts"
    }
  }
}

extension StepGraph {
  /// Holds the graph against its invariants: dependencies point backwards, members of a group that
  /// spans stages call the same collectives in the same order, and every send has one receive of the
  /// same size.
  ///
  /// Groups inside one stage agree by construction: their members share a program.
  /// - Complexity: linear in the operations of the programs, not of the ranks.
  public func validate() throws(GraphDefect) {
    for program in programs { try validate(program) }
    for family in GroupFamily.allCases where family.crossesStages {
      try validateCalls(of: family)
    }
  }

  private func validate(_ program: StageProgram) throws(GraphDefect) {
    let stage = program.pipelineRank
    for (index, operation) in program.operations.enumerated() {
      for dependency in program.dependencies(of: index) where dependency >= index {
        throw .dependencyPointsForward(
          stage: stage, operation: index, dependency: Int(dependency))
      }
      guard works.indices.contains(operation.work) else {
        throw .workOutOfRange(stage: stage, operation: index)
      }
      switch (operation.meeting, works[operation.work]) {
      case (.collective(let family), .collective(let work)) where work.family == family: break
      case (.send, .transfer), (.receive, .transfer): try validateMessage(stage, index, operation)
      case (.none, .matrixMultiply), (.none, .groupedMatrixMultiply), (.none, .attention),
        (.none, .memoryBound):
        break
      default: throw .workDoesNotMatchMeeting(stage: stage, operation: index)
      }
    }
  }

  private func validateMessage(_ stage: Int, _ index: Int, _ operation: Operation)
    throws(GraphDefect)
  {
    let expected: Meeting = operation.meeting == .send ? .receive : .send
    guard programs.indices.contains(operation.peer),
      programs[operation.peer].operations.indices.contains(operation.partner)
    else { throw .unmatchedMessage(stage: stage, operation: index) }
    let partner = programs[operation.peer].operations[operation.partner]
    guard partner.meeting == expected, partner.peer == stage, partner.partner == index,
      partner.microbatch == operation.microbatch
    else { throw .unmatchedMessage(stage: stage, operation: index) }
    guard works[partner.work] == works[operation.work] else {
      throw .messageSizesDiffer(stage: stage, operation: index)
    }
  }

  private func validateCalls(of family: GroupFamily) throws(GraphDefect) {
    for stages in family.meetings(ofStages: programs.count) {
      try validateCalls(of: family, by: stages)
    }
  }

  private func validateCalls(of family: GroupFamily, by stages: [Int]) throws(GraphDefect) {
    let calls = stages.map { stage in
      programs[stage].operations.filter { $0.meeting == .collective(family) }.map(\.work)
    }
    for (stage, others) in zip(stages, calls).dropFirst() {
      guard others.count == calls[0].count else {
        throw .collectiveMissed(family: family, stage: stages[0], otherStage: stage)
      }
      if let call = others.indices.first(where: { others[$0] != calls[0][$0] }) {
        throw .collectiveDisagrees(
          family: family, stage: stages[0], otherStage: stage, call: call)
      }
    }
  }
}

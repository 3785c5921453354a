public import Parallelism

/// The complete execution DAG of one step over all ranks, stored as one program per pipeline rank.
///
/// A node is `(rank, operation index)`. Nothing is stored per rank: groups, partners and node ids are
/// arithmetic on the rank grid.
public struct StepGraph: Hashable, Sendable {
  public let grid: RankGrid
  /// What is computed, as the user asked for it.
  public let configuration: StepConfiguration
  /// Indexed by pipeline rank.
  public let programs: [StageProgram]
  /// The distinct amounts of work; `Operation.work` indexes it.
  public let works: [Work]

  public init(
    grid: RankGrid, configuration: StepConfiguration, programs: [StageProgram], works: [Work]
  ) {
    precondition(programs.count == grid.plan.pipeline, "one program per pipeline rank")
    self.grid = grid
    self.configuration = configuration
    self.programs = programs
    self.works = works
  }

  /// The program that a rank executes.
  public func program(of rank: Int) -> StageProgram { programs[grid.pipelineRank(of: rank)] }

  /// All nodes of all ranks.
  public var nodeCount: Int {
    programs.reduce(0) { $0 + $1.operations.count } * grid.plan.stageSize
  }

  /// All dependencies inside ranks, and one edge from each send to its receive.
  public var edgeCount: Int {
    let perCoordinate = programs.reduce(0) { sum, program in
      sum + program.dependencies.count
        + program.operations.reduce(0) { $0 + ($1.meeting == .send ? 1 : 0) }
    }
    return perCoordinate * grid.plan.stageSize
  }
}

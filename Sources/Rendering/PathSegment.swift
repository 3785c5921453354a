public import Graph
import Parallelism
public import Units

extension PathPicture {
  /// One operation of a critical path, with all that a picture says about it.
  public struct Segment: Hashable, Sendable {
    public let rank: Int
    /// Index into the rank's program.
    public let operation: Int
    public let pipelineStage: Int
    /// What it does, in words.
    public let title: String
    public let operationClass: OperationClass
    public let pass: OperationPass
    public let microbatch: Int?
    public let start: Instant
    public let finish: Instant
    /// Why it could not start earlier, in words; may be empty.
    public let cause: String

    public init(
      rank: Int, operation: Int, pipelineStage: Int, title: String, operationClass: OperationClass,
      pass: OperationPass, microbatch: Int?, start: Instant, finish: Instant, cause: String = ""
    ) {
      self.rank = rank
      self.operation = operation
      self.pipelineStage = pipelineStage
      self.title = title
      self.operationClass = operationClass
      self.pass = pass
      self.microbatch = microbatch
      self.start = start
      self.finish = finish
      self.cause = cause
    }

    /// The segment of an operation of a graph.
    public init(
      _ graph: StepGraph, rank: Int, operation: Int, start: Instant, finish: Instant,
      cause: String = ""
    ) {
      let node = graph.program(of: rank).operations[operation]
      self.init(
        rank: rank, operation: operation, pipelineStage: graph.grid.pipelineRank(of: rank),
        title: graph.title(of: node), operationClass: OperationClass(node), pass: node.pass,
        microbatch: node.microbatch, start: start, finish: finish, cause: cause)
    }

    var duration: Int64 { finish.picoseconds - start.picoseconds }
  }

  /// A chain of operations that is nearly critical.
  public struct RunnerUp: Hashable, Sendable {
    /// What it is, in words.
    public let title: String
    public let rank: Int
    /// How much longer it could take before the step does.
    public let slack: Ticks

    public init(title: String, rank: Int, slack: Ticks) {
      self.title = title
      self.rank = rank
      self.slack = slack
    }
  }
}

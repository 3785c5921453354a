public import Graph
public import Parallelism

/// One operation that every rank of a pipeline stage must execute once per microbatch.
public struct ExpectedOperation: Hashable, Sendable {
  public let kind: OperationKind
  public let pass: OperationPass
  /// The layer of the model; nil outside layers.
  public let layer: Int?
  /// The model chunk on the pipeline rank.
  public let chunk: Int
  /// How many nodes may stand for it: one, or several where the plan leaves the number open.
  public let count: ClosedRange<Int>
  public let communication: ExpectedCommunication?
  /// What must end before it starts, on the same rank.
  public var predecessors: [ExpectedPredecessor] = []
}

/// Whom an expected operation meets.
public enum ExpectedCommunication: Hashable, Sendable {
  case collective(ExpectedCollective)
  /// A message to or from another pipeline rank.
  case transfer(pipelineRank: Int, bytes: Int)

  var collective: ExpectedCollective? {
    if case .collective(let collective) = self { collective } else { nil }
  }
}

/// What a collective must be; sizes are nil where model and plan do not fix them.
public struct ExpectedCollective: Hashable, Sendable {
  public let operation: CollectiveOperation
  public let family: GroupFamily
  /// Bytes that one rank passes in.
  public let input: Int?
  /// Bytes that one rank gets out.
  public let output: Int?

  public init(_ operation: CollectiveOperation, over family: GroupFamily, in input: Int?, out: Int?)
  {
    self.operation = operation
    self.family = family
    self.input = input
    self.output = out
  }

  /// The collective that carries the gradient back: gather and scatter trade places.
  var dual: ExpectedCollective {
    let operation: CollectiveOperation =
      switch self.operation {
      case .allGather: .reduceScatter
      case .reduceScatter: .allGather
      default: self.operation
      }
    return ExpectedCollective(operation, over: family, in: output, out: input)
  }
}

/// A required relation between two operations of one rank.
public struct ExpectedPredecessor: Hashable, Sendable {
  /// Index into `ExpectedProgram.operations`.
  public let operation: Int
  /// Whether the edge itself must be there (a skip connection, which a path always duplicates) or a
  /// path of edges is enough.
  public let isDirect: Bool
  /// Whether it is the one of the microbatch before (accumulation of weight gradients).
  public let ofEarlierMicrobatch: Bool
}

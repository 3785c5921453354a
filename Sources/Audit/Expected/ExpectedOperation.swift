public import Graph
public import Parallelism

/// An operation that every rank of a pipeline stage must execute in each microbatch, once or, in
/// variants, several times.
///
/// Nodes of a DAG are told apart by kind, pass, layer and microbatch; what these do not tell apart,
/// such as the exchanges of queries, keys and values, are the variants of one operation.
public struct ExpectedOperation: Hashable, Sendable {
  public let kind: OperationKind
  public let pass: OperationPass
  /// The layer of the model; nil outside layers.
  public let layer: Int?
  /// The model chunk on the pipeline rank.
  public let chunk: Int
  /// At least one, in the order in which they are usually launched.
  public private(set) var variants: [ExpectedVariant] = []
  /// How many nodes stand for it in every microbatch.
  private var common = 0...0
  /// The microbatches that have one more.
  private var special: [Int] = []
  /// The microbatches that run through its chunk; nil where all do.
  var only: Range<Int>?

  init(kind: OperationKind, pass: OperationPass, layer: Int?, chunk: Int) {
    self.kind = kind
    self.pass = pass
    self.layer = layer
    self.chunk = chunk
  }

  mutating func add(_ variant: ExpectedVariant) {
    variants.append(variant)
    if let microbatch = variant.onlyMicrobatch {
      special.append(microbatch)
    } else {
      common =
        common.lowerBound + variant.count.lowerBound...common.upperBound + variant.count.upperBound
    }
  }

  /// Makes every variant wait for one more operation.
  mutating func require(_ predecessor: ExpectedPredecessor) {
    for index in variants.indices { variants[index].predecessors.append(predecessor) }
  }

  /// Makes the variant added last wait for one more operation.
  mutating func requireOfLast(_ predecessor: ExpectedPredecessor) {
    guard !variants.isEmpty else { return }
    variants[variants.count - 1].predecessors.append(predecessor)
  }

  /// How many nodes may stand for it in a microbatch.
  public func count(in microbatch: Int) -> ClosedRange<Int> {
    if let only, !only.contains(microbatch) { return 0...0 }
    if special.isEmpty { return common }
    let more = special.count { $0 == microbatch }
    return common.lowerBound + more...common.upperBound + more
  }

  /// Nodes over all microbatches, counting each as rarely as allowed.
  func total(microbatches: Int) -> Int {
    common.lowerBound * (only?.count ?? microbatches) + special.count
  }

  /// Nodes of one of its variants over all microbatches, counting each as rarely as allowed.
  func total(of variant: ExpectedVariant, microbatches: Int) -> Int {
    let times = variant.onlyMicrobatch == nil ? only?.count ?? microbatches : 1
    return times * variant.count.lowerBound
  }

  /// Whom it meets, where all variants meet in the same way.
  public var communication: ExpectedCommunication? { variants.first?.communication }
}

/// One of the nodes that stand for an expected operation.
public struct ExpectedVariant: Hashable, Sendable {
  public let communication: ExpectedCommunication?
  /// One node, or none or one where the plan leaves it open.
  public let count: ClosedRange<Int>
  /// The only microbatch that has it; nil where all have.
  public let onlyMicrobatch: Int?
  /// What must end before it starts, on the same rank.
  public var predecessors: [ExpectedPredecessor] = []
  /// Whether it must wait for anything at all, whatever it be: what is fetched ahead is not fetched
  /// with the start of the step.
  var mustWait = false

  init(
    communication: ExpectedCommunication?, count: ClosedRange<Int> = 1...1,
    onlyMicrobatch: Int? = nil
  ) {
    self.communication = communication
    self.count = count
    self.onlyMicrobatch = onlyMicrobatch
  }
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

  /// One of several equal parts.
  func divided(by parts: Int) -> ExpectedCollective {
    ExpectedCollective(
      operation, over: family, in: input.map { $0 / parts }, out: output.map { $0 / parts })
  }
}

/// A required relation between two operations of one rank.
public struct ExpectedPredecessor: Hashable, Sendable {
  /// How the one must be connected to the other.
  public enum Relation: Hashable, Sendable {
    /// By edges, over whatever other nodes.
    case path
    /// By an edge.
    case edge
    /// By an edge around a block, which a path through the block always duplicates.
    case skip
  }

  /// Index into `ExpectedProgram.operations`.
  public let operation: Int
  public let relation: Relation
  /// Whether it is the one of the microbatch before (accumulation of weight gradients).
  public var ofEarlierMicrobatch = false
  /// Whether all nodes of the operation must end before, or one of them.
  public var needsAll = false
}

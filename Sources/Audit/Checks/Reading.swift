import Graph
import Parallelism

/// An observed graph read against an expectation: which expected operation each node stands for.
struct Reading {
  let graph: ObservedGraph
  let expected: ExpectedStep
  /// What each node stands for.
  private(set) var roles: [Role]
  /// Nodes found for each (rank, operation, microbatch), saturating.
  private var counts: [UInt8]
  /// Where the counts of each rank begin.
  private let countStart: [Int]
  /// Nodes found for each (rank, operation of the step).
  private var stepCounts: [Int32]
  /// Operations of the step that a rank may have.
  private let stepWidth: Int
  /// Nodes that each rank has.
  private(set) var nodesOfRank: [Int]
  /// Whether each (rank, kind) has a node that stands for an expected operation.
  private(set) var kindsOfRank: [Bool]
  /// Nodes found of each kind and pass, placed or not.
  private(set) var found: [Int]

  /// What a node stands for.
  struct Role: Hashable {
    /// Resolved rank, `-1` where unknown or outside the world.
    var rank: Int32 = -1
    /// Index of the expected operation in the program of the rank, `-1` where none.
    var operation: Int32 = -1
    /// Index of the expected operation of the step, `-1` where none.
    var stepOperation: Int32 = -1
    var microbatch: Int32 = -1
    /// Which of the operation's variants it is, `-1` where all are other nodes.
    var variant: Int16 = -1
    var pass: OperationPass = .forward
  }

  init(_ graph: ObservedGraph, against expected: ExpectedStep) {
    self.graph = graph
    self.expected = expected
    let world = expected.grid.worldSize
    var start: [Int] = []
    var total = 0
    for rank in 0..<world {
      start.append(total)
      total +=
        expected.programs[expected.grid.pipelineRank(of: rank)].operations.count
        * expected.configuration.microbatches
    }
    countStart = start
    counts = Array(repeating: 0, count: total)
    stepWidth = expected.programs.reduce(1) { max($0, $1.stepOperations.count) }
    stepCounts = Array(repeating: 0, count: world * stepWidth)
    nodesOfRank = Array(repeating: 0, count: world)
    kindsOfRank = Array(repeating: false, count: world * OperationKind.allCases.count)
    found = Array(repeating: 0, count: OperationKind.allCases.count * OperationPass.allCases.count)
    roles = []
    roles.reserveCapacity(graph.nodeCount)
    for node in graph.nodes { roles.append(read(node)) }
    for (node, variant) in VariantAssignment(self).variants { roles[node].variant = variant }
  }

  private mutating func read(_ node: ObservedNode) -> Role {
    var role = Role()
    if let rank = node.rank {
      let last = min(node.lastRank ?? rank, nodesOfRank.count - 1)
      for member in stride(from: rank, through: last, by: 1) { nodesOfRank[member] += 1 }
      if rank < expected.grid.worldSize, node.lastRank == rank { role.rank = Int32(rank) }
    }
    guard let kind = node.kind else { return role }
    role.pass = pass(of: node, kind)
    found[Self.index(kind, role.pass)] += 1
    guard role.rank >= 0 else { return role }
    let rank = Int(role.rank)
    let program = expected.programs[expected.grid.pipelineRank(of: rank)]
    if role.pass == .step {
      guard let operation = program.stepOperation(kind: kind, family: node.family) else {
        return role
      }
      role.stepOperation = Int32(operation)
      stepCounts[rank * stepWidth + operation] += 1
      note(kind, of: rank)
      return role
    }
    let microbatches = expected.configuration.microbatches
    guard let microbatch = node.microbatch ?? (microbatches == 1 ? 0 : nil),
      microbatch < microbatches,
      let operation = program.operation(
        kind: kind, pass: role.pass, layer: node.layer, chunk: node.chunk)
    else { return role }
    role.operation = Int32(operation)
    role.microbatch = Int32(microbatch)
    note(kind, of: rank)
    if program.operations[operation].variants.count == 1 { role.variant = 0 }
    let cell = countStart[rank] + operation * microbatches + microbatch
    if counts[cell] < .max { counts[cell] += 1 }
    return role
  }

  private mutating func note(_ kind: OperationKind, of rank: Int) {
    kindsOfRank[rank * OperationKind.allCases.count + Int(kind.rawValue)] = true
  }

  /// The pass of a node; transfers and operations of the step have only one.
  private func pass(of node: ObservedNode, _ kind: OperationKind) -> OperationPass {
    switch kind {
    case .sendActivation, .receiveActivation: .forward
    case .sendGradient, .receiveGradient: .inputGradient
    case .parameterGather, .expertParameterGather, .gradientReduce, .expertGradientReduce:
      expected.configuration.sharding == .parameters ? node.pass ?? .step : .step
    case _ where kind.isOfStep: .step
    default: node.pass ?? .forward
    }
  }

  /// The program of a node's rank.
  func program(of role: Role) -> ExpectedProgram {
    expected.programs[expected.grid.pipelineRank(of: Int(role.rank))]
  }

  /// The expected operation that a node stands for.
  func operation(of role: Role) -> ExpectedOperation? {
    role.operation < 0 ? nil : program(of: role).operations[Int(role.operation)]
  }

  /// The variant of its operation that a node stands for.
  func variant(of role: Role) -> ExpectedVariant? {
    guard role.variant >= 0 else { return nil }
    return operation(of: role)?.variants[Int(role.variant)]
  }

  /// How many nodes stand for an operation of a rank's program.
  func count(rank: Int, operation: Int, microbatch: Int) -> Int {
    let microbatches = expected.configuration.microbatches
    return Int(counts[countStart[rank] + operation * microbatches + microbatch])
  }

  /// How many nodes a rank has of an operation of the step.
  func stepCount(rank: Int, operation: Int) -> Int {
    Int(stepCounts[rank * stepWidth + operation])
  }

  /// Nodes found of a kind and pass, wherever they are.
  func found(_ kind: OperationKind, _ pass: OperationPass) -> Int {
    found[Self.index(kind, pass)]
  }

  /// Ranks that have no node at all, ascending.
  var absentRanks: [Int] { nodesOfRank.indices.filter { nodesOfRank[$0] == 0 } }

  /// Whether the graph shows a sample of the step rather than the step.
  var isSample: Bool { graph.nodeCount * 2 < expected.nodeCount }

  /// A node in words: its name and where it is.
  func place(_ id: NodeID) -> String {
    let node = graph[id]
    let name = escapedMarkdown(graph.name(of: id))
    let text = Self.place(rank: node.rank, layer: node.layer, microbatch: node.microbatch)
    return text.isEmpty ? name : "\(name) (\(text))"
  }

  static func place(rank: Int?, layer: Int?, microbatch: Int?) -> String {
    [
      rank.map { "rank \($0)" }, layer.map { "layer \($0)" },
      microbatch.map { "microbatch \($0)" },
    ].compactMap(\.self).joined(separator: ", ")
  }

  static func index(_ kind: OperationKind, _ pass: OperationPass) -> Int {
    Int(kind.rawValue) * OperationPass.allCases.count + Int(pass.rawValue)
  }
}

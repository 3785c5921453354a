import Graph

/// The data flow of one model chunk: each value once, with the operations that its forward and its
/// gradients need. Backward edges are not written down but follow by reversing the forward ones.
struct DataFlow {
  /// An operation of a flow node in one direction.
  struct Role {
    let kind: OperationKind
    var communication: ExpectedCommunication?
    var count = 1...1
  }

  struct Input {
    let node: Int
    /// Whether it is a skip connection, around the block rather than through it.
    var isSkip = false
  }

  struct Node {
    let layer: Int?
    let inputs: [Input]
    /// Nil where the plan needs no such operation: the value passes through.
    let forward: Role?
    let inputGradient: Role?
    let weightGradient: Role?
    /// Whether gradients flow through it at all; token counts have none.
    var carriesGradient = true
  }

  let chunk: Int
  private(set) var nodes: [Node] = []

  init(chunk: Int) { self.chunk = chunk }

  /// Adds a node and returns its index.
  mutating func add(_ node: Node) -> Int {
    nodes.append(node)
    return nodes.count - 1
  }

  /// A kernel with a backward kernel, and one more for the weights where it has any.
  mutating func compute(
    _ kind: OperationKind, layer: Int? = nil, after inputs: Int?..., hasWeights: Bool = false,
    isOptional: Bool = false
  ) -> Int {
    let role = Role(kind: kind, count: isOptional ? 0...1 : 1...1)
    return add(
      Node(
        layer: layer, inputs: inputs.compactMap { $0.map { Input(node: $0) } }, forward: role,
        inputGradient: role, weightGradient: hasWeights ? role : nil))
  }

  /// The sum of a block's output and what went around the block.
  mutating func residual(_ kind: OperationKind, layer: Int, skip: Int, branch: Int...) -> Int {
    let role = Role(kind: kind)
    return add(
      Node(
        layer: layer,
        inputs: [Input(node: skip, isSkip: true)] + branch.map { Input(node: $0) }, forward: role,
        inputGradient: role, weightGradient: nil))
  }

  /// A collective and its dual; nil leaves the direction out.
  mutating func communicate(
    _ kind: OperationKind, layer: Int? = nil, after inputs: Int..., forward: ExpectedCollective?,
    backward: ExpectedCollective?, again: ExpectedCollective? = nil, carriesGradient: Bool = true,
    count: ClosedRange<Int> = 1...1
  ) -> Int {
    func role(_ collective: ExpectedCollective?) -> Role? {
      collective.map { Role(kind: kind, communication: .collective($0), count: count) }
    }
    return add(
      Node(
        layer: layer, inputs: inputs.map { Input(node: $0) }, forward: role(forward),
        inputGradient: role(backward), weightGradient: role(again),
        carriesGradient: carriesGradient))
  }
}

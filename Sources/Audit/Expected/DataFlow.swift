import Graph
import Parallelism

/// The data flow of a rank's model chunks: each value once, with the operations that its forward and
/// its gradients need. Backward edges are not written down but follow by reversing the forward ones.
struct DataFlow {
  /// An operation of a flow node in one direction.
  struct Role {
    let kind: OperationKind
    var communication: ExpectedCommunication?
    var isOptional = false
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
    /// Nodes whose backward waits for this one's though no gradient flows: it fetches what they need.
    var fetchesFor: [Int] = []
    /// The chunk of the rank.
    fileprivate(set) var chunk = 0
    /// Equal parts in which it runs.
    var parts = 1
    /// Kernels that cast the operands of a product, before it and, in the backward, behind it.
    var casts: [OperationKind] = []

    /// Whether it multiplies by a weight in a kernel.
    var isProduct: Bool { weightGradient != nil && weightGradient?.communication == nil }
  }

  /// Nodes whose forward runs again before the backward that needs it.
  struct Recomputed {
    /// Ascending.
    let nodes: [Int]
    /// The node at whose backward they run.
    let hook: Int
  }

  /// The chunk of nodes being added.
  var chunk = 0
  var nodes: [Node] = []
  var recomputed: [Recomputed] = []
  private let precision: Precision

  init(precision: Precision) { self.precision = precision }

  /// Adds a node and returns its index.
  mutating func add(_ node: Node) -> Int {
    nodes.append(node)
    nodes[nodes.count - 1].chunk = chunk
    return nodes.count - 1
  }

  /// A kernel with a backward kernel, and one more for the weights where it has any.
  mutating func compute(
    _ kind: OperationKind, layer: Int? = nil, after inputs: Int?..., hasWeights: Bool = false,
    isOptional: Bool = false
  ) -> Int {
    compute(
      kind, layer: layer, after: inputs.compactMap(\.self), hasWeights: hasWeights,
      isOptional: isOptional)
  }

  mutating func compute(
    _ kind: OperationKind, layer: Int? = nil, after inputs: [Int], hasWeights: Bool = false,
    isOptional: Bool = false
  ) -> Int {
    let role = Role(kind: kind, isOptional: isOptional)
    var node = Node(
      layer: layer, inputs: inputs.map { Input(node: $0) }, forward: role, inputGradient: role,
      weightGradient: hasWeights ? role : nil)
    if hasWeights, precision.quantizes(kind) {
      // One scale for a tensor takes a pass over it before the cast.
      node.casts = precision == .fp8Tensorwise ? [.magnitude, .quantize] : [.quantize]
    }
    return add(node)
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
    backward: ExpectedCollective?, again: ExpectedCollective? = nil, carriesGradient: Bool = true
  ) -> Int {
    communicate(
      kind, layer: layer, after: inputs, forward: forward, backward: backward, again: again,
      carriesGradient: carriesGradient)
  }

  mutating func communicate(
    _ kind: OperationKind, layer: Int? = nil, after inputs: [Int], forward: ExpectedCollective?,
    backward: ExpectedCollective?, again: ExpectedCollective? = nil, carriesGradient: Bool = true,
    fetchingFor fetched: [Int] = []
  ) -> Int {
    func role(_ collective: ExpectedCollective?) -> Role? {
      collective.map { Role(kind: kind, communication: .collective($0)) }
    }
    return add(
      Node(
        layer: layer, inputs: inputs.map { Input(node: $0) }, forward: role(forward),
        inputGradient: role(backward), weightGradient: role(again),
        carriesGradient: carriesGradient, fetchesFor: fetched))
  }

  /// Runs tensor-parallel gathers and scatters in parts, each under the product of another part
  /// (`--tp-comm-overlap`): the product that alone takes a gather, and the one before a scatter.
  mutating func overlapTensor(parts: Int) {
    guard parts > 1 else { return }
    var users = [Int](repeating: 0, count: nodes.count)
    for node in nodes { for input in node.inputs { users[input.node] += 1 } }
    for index in nodes.indices where nodes[index].layer != nil && nodes[index].inputs.count == 1 {
      let source = nodes[index].inputs[0].node
      let isGathered =
        nodes[index].isProduct && nodes[source].exchanges(.allGather) && users[source] == 1
      let isScattered = nodes[index].exchanges(.reduceScatter) && nodes[source].isProduct
      if isGathered || isScattered {
        nodes[source].parts = parts
        nodes[index].parts = parts
      }
    }
  }
}

extension DataFlow.Node {
  /// Whether it is a tensor-parallel collective that its backward answers.
  fileprivate func exchanges(_ operation: CollectiveOperation) -> Bool {
    guard let collective = forward?.communication?.collective, inputGradient != nil else {
      return false
    }
    return collective.operation == operation && collective.family == .tensor
  }
}

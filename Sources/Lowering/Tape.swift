import Graph
import Units

/// The forward computation of one model chunk as a small graph, from which both the forward and the
/// backward operations of every microbatch are derived.
///
/// Nodes come in launch order. The backward is reverse-mode differentiation of the tape: it visits
/// the nodes backwards and gives each the gradients that its consumers emit, so no module writes its
/// backward by hand and none can be forgotten.
struct Tape {
  /// A node's place on the tape.
  typealias Index = Int

  private(set) var nodes: [TapeNode] = []
  /// The layer that nodes being appended belong to.
  var layer: Int?
  /// The stream of the kernels being appended.
  var stream = DeviceStream.compute

  /// Appends a node and returns its place.
  @discardableResult mutating func append(
    _ kind: OperationKind, _ action: TapeNode.Action, from inputs: [Index],
    reading sideInputs: [Index] = [], parameters: [Int] = [], saving saved: Int = 0,
    blocksHost: Bool = false, delaysBackwardOf delayed: [Index] = []
  ) -> Index {
    nodes.append(
      TapeNode(
        kind: kind, layer: layer, action: action, inputs: inputs, sideInputs: sideInputs,
        parameters: parameters, saved: Bytes(saved), blocksHost: blocksHost,
        delaysBackwardOf: delayed, stream: stream))
    return nodes.count - 1
  }
}

/// One step of the forward computation.
struct TapeNode {
  /// What a node does forward and backward.
  enum Action {
    /// A kernel; without a backward, gradients pass through unchanged, and without a forward, values.
    case kernel(forward: Work?, backward: Work?)
    /// A kernel with a weight whose gradient is an operation of its own.
    case linear(forward: Work, inputGradient: Work?, weightGradient: Work)
    /// A collective; a missing side is no operation. `regather` is issued again in the backward for
    /// the weight gradient of the consumer, where only the shard was saved.
    case collective(forward: Collective?, backward: Collective?, regather: Collective?)
    /// A message from the previous stage; its backward is a message to it.
    case receive(Bytes)
    /// A message to the next stage; its backward is a message from it.
    case send(Bytes)
    /// The output of the previous stage where that is on the same rank: no operation.
    case take
    /// The output for the next stage where that is on the same rank: no operation.
    case handOver
  }

  let kind: OperationKind
  let layer: Int?
  let action: Action
  /// Nodes whose output this one differentiates.
  let inputs: [Tape.Index]
  /// Nodes that must come first but get no gradient from this one.
  let sideInputs: [Tape.Index]
  /// The parameters that this node owns, as indices into the stage's shards.
  let parameters: [Int]
  /// What the backward needs from this node's forward.
  let saved: Bytes
  let blocksHost: Bool
  /// Earlier nodes whose backward waits for this node's backward, though no gradient flows.
  let delaysBackwardOf: [Tape.Index]
  /// Where its kernels run.
  let stream: DeviceStream
}

public import Units

/// What a rank of a stage keeps in memory, as its program implies it.
public struct StageStorage: Hashable, Sendable {
  /// The rank's shards of the parameters, in Megatron's order of definition.
  public let parameters: [ParameterShard]
  /// What one microbatch keeps from its forward to its backward.
  public let activations: [SavedActivation]
  /// What one microbatch keeps from its input gradients to its weight gradients where these are slots
  /// of their own, beside the activations kept for them: gradients of the outputs of products, and
  /// operands computed again. A whole backward has them for one product at a time.
  public let weightOperands: [SavedActivation]
  /// What one microbatch's backward computes again, and keeps from there until its gradients.
  public let recomputed: [SavedActivation]

  public init(
    parameters: [ParameterShard] = [], activations: [SavedActivation] = [],
    weightOperands: [SavedActivation] = [], recomputed: [SavedActivation] = []
  ) {
    self.parameters = parameters
    self.activations = activations
    self.weightOperands = weightOperands
    self.recomputed = recomputed
  }
}

/// One rank's shard of a parameter tensor.
public struct ParameterShard: Hashable, Sendable {
  /// The operation that owns the weight.
  public let owner: OperationKind
  /// The layer of the model; nil outside layers.
  public let layer: Int?
  public let chunk: Int
  /// Elements on one rank.
  public let elements: Int
  /// Whether the shard belongs to an expert, reduced over EDP instead of DP×CP.
  public let isExpert: Bool
  /// Whether tensor-parallel ranks hold copies and see different tokens, so that their gradients
  /// must be added (norms and router under sequence parallelism).
  public let isSequenceReplicated: Bool

  public init(
    owner: OperationKind, layer: Int?, chunk: Int, elements: Int, isExpert: Bool = false,
    isSequenceReplicated: Bool = false
  ) {
    self.owner = owner
    self.layer = layer
    self.chunk = chunk
    self.elements = elements
    self.isExpert = isExpert
    self.isSequenceReplicated = isSequenceReplicated
  }
}

/// What an operation's backward needs from its forward, for one microbatch.
///
/// An operation whose tensors are released at different times has one value for each time.
public struct SavedActivation: Hashable, Sendable {
  public let owner: OperationKind
  public let layer: Int?
  public let chunk: Int
  public let bytes: Bytes
  /// Whether weight gradients read it, so that it stays until they are computed; otherwise the input
  /// gradient is its last user.
  public let isKeptForWeightGradient: Bool

  public init(
    owner: OperationKind, layer: Int?, chunk: Int, bytes: Bytes,
    isKeptForWeightGradient: Bool = false
  ) {
    self.owner = owner
    self.layer = layer
    self.chunk = chunk
    self.bytes = bytes
    self.isKeptForWeightGradient = isKeptForWeightGradient
  }
}

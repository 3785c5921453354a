public import Units

/// What a rank of a stage keeps in memory, as its program implies it.
public struct StageStorage: Hashable, Sendable {
  /// The rank's shards of the parameters, in Megatron's order of definition.
  public let parameters: [ParameterShard]
  /// What one microbatch keeps from its forward to its backward.
  public let activations: [SavedActivation]

  public init(parameters: [ParameterShard] = [], activations: [SavedActivation] = []) {
    self.parameters = parameters
    self.activations = activations
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
public struct SavedActivation: Hashable, Sendable {
  public let owner: OperationKind
  public let layer: Int?
  public let chunk: Int
  public let bytes: Bytes

  public init(owner: OperationKind, layer: Int?, chunk: Int, bytes: Bytes) {
    self.owner = owner
    self.layer = layer
    self.chunk = chunk
    self.bytes = bytes
  }
}

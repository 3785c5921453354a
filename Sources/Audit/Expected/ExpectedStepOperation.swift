public import Graph

/// What every rank of a pipeline stage must do once per step: gradient synchronization, optimizer,
/// parameter gathers, flags.
public struct ExpectedStepOperation: Hashable, Sendable {
  public let kind: OperationKind
  /// How many nodes of the kind there may be.
  public let count: ClosedRange<Int>
  /// The collective; sizes are the sums over all nodes of the kind.
  public let collective: ExpectedCollective?
  /// Kinds each of which must come before, where it is expected.
  public let after: [OperationKind]
  /// Whether something of the step must wait for each of its nodes.
  public var isAwaited = false
}

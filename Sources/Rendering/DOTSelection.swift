public import Graph

/// Which part of a step's DAG is wanted; nil means all.
public struct DOTSelection: Hashable, Sendable {
  public var ranks: Set<Int>?
  /// Layers of the model; leaves out operations outside layers.
  public var layers: Set<Int>?
  /// Leaves out operations of the whole step.
  public var microbatches: Set<Int>?

  public init(ranks: Set<Int>? = nil, layers: Set<Int>? = nil, microbatches: Set<Int>? = nil) {
    self.ranks = ranks
    self.layers = layers
    self.microbatches = microbatches
  }

  /// The complete DAG.
  public static let everything = DOTSelection()

  /// Whether an operation is wanted, on the ranks that are.
  public func includes(_ operation: Operation) -> Bool {
    contains(layers, operation.layer) && contains(microbatches, operation.microbatch)
  }

  private func contains(_ wanted: Set<Int>?, _ value: Int?) -> Bool {
    guard let wanted else { return true }
    return value.map(wanted.contains) ?? false
  }
}

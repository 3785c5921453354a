import Graph

/// The operations of one slot of a pipeline order, to be stamped once per microbatch.
struct Block {
  /// What an operation of a block waits for.
  enum Dependency {
    /// An earlier operation of the same block.
    case local(Int32)
    /// The last operation of the forward of the same chunk and microbatch.
    case twin
    /// The operation with the same ordinal in the chunk's previous backward: weight gradients of
    /// successive microbatches accumulate into one buffer.
    case accumulate(Int32)
    /// An operation of the program before any block.
    case absolute(Int32)
  }

  private(set) var operations: [Operation] = []
  private(set) var dependencyStart: [Int32] = [0]
  private(set) var dependencies: [Dependency] = []
  /// The operations that accumulate over microbatches, by ordinal.
  private(set) var accumulators: [Int32] = []

  /// Appends an operation and returns its index in the block.
  @discardableResult mutating func append(_ operation: Operation, after needed: [Dependency])
    -> Int32
  {
    operations.append(operation)
    dependencies.append(contentsOf: needed)
    dependencyStart.append(Int32(dependencies.count))
    return Int32(operations.count - 1)
  }

  /// Appends an operation that also waits for the same operation of the previous microbatch.
  mutating func appendAccumulating(_ operation: Operation, after needed: [Dependency]) -> Int32 {
    let ordinal = Int32(accumulators.count)
    accumulators.append(Int32(operations.count))
    return append(operation, after: needed + [.accumulate(ordinal)])
  }
}

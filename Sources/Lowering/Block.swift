import Graph

/// The operations of one slot of a pipeline order, to be stamped once per microbatch.
struct Block {
  /// The parts of a chunk's work on a microbatch whose operations later blocks may wait for.
  enum Part: UInt8, Hashable {
    case forward
    /// The backward without its weight gradients.
    case gradient
  }

  /// What an operation of a block waits for.
  enum Dependency: Hashable {
    /// An earlier operation of the same block.
    case local(Int32)
    /// An operation of a block that was stamped before for the same microbatch, by its ordinal in
    /// that part of a chunk of the same rank.
    case earlier(Part, chunk: Int, ordinal: Int32)
    /// The operation with the same ordinal in the chunk's previous backward: weight gradients of
    /// successive microbatches accumulate into one buffer.
    case accumulate(Int32)
    /// An operation of the program before any block.
    case absolute(Int32)
  }

  /// The part that this block is, or that it contains; nil for weight gradients alone.
  let part: Part?
  private(set) var operations: [Operation] = []
  private(set) var dependencyStart: [Int32] = [0]
  private(set) var dependencies: [Dependency] = []
  /// The operations that accumulate over microbatches, by ordinal.
  private(set) var accumulators: [Int32] = []
  /// The operations of the block's part, by ordinal.
  private(set) var exports: [Int32] = []
  /// What stands for the block's result, where the stage that takes it is on the same rank.
  var result: [Dependency] = []

  init(_ part: Part?) { self.part = part }

  /// What an operation waits for.
  func dependencies(of index: Int) -> ArraySlice<Dependency> {
    dependencies[Int(dependencyStart[index])..<Int(dependencyStart[index + 1])]
  }

  /// Appends an operation and returns its index in the block.
  @discardableResult mutating func append(
    _ operation: Operation, after needed: some Sequence<Dependency>
  ) -> Int32 {
    let index = Int32(operations.count)
    operations.append(operation)
    for dependency in needed {
      if case .accumulate(let ordinal) = dependency {
        if accumulators.count <= ordinal {
          accumulators += [Int32](repeating: -1, count: Int(ordinal) + 1 - accumulators.count)
        }
        accumulators[Int(ordinal)] = index
      }
      dependencies.append(dependency)
    }
    dependencyStart.append(Int32(dependencies.count))
    if part != nil, operation.isExported { exports.append(index) }
    return index
  }

  /// Appends an operation that also waits for the same operation of the previous microbatch.
  mutating func appendAccumulating(_ operation: Operation, after needed: [Dependency]) -> Int32 {
    append(operation, after: needed + [.accumulate(Int32(accumulators.count))])
  }

  /// Names the operations of the block's part anew.
  mutating func export(_ operations: [Int32]) { exports = operations }

  /// The same dependency as a block of another chunk or pass of the rank names it.
  func exported(_ dependency: Dependency, chunk: Int) -> Dependency {
    guard let part, case .local(let index) = dependency,
      let ordinal = exports.firstIndex(of: index)
    else { return dependency }
    return .earlier(part, chunk: chunk, ordinal: Int32(ordinal))
  }
}

extension Operation {
  /// Whether the operation belongs to a part that later blocks may name.
  var isExported: Bool { pass != .weightGradient && pass != .step }
}

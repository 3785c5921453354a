import Graph
import Parallelism

/// Writes one stage program: stamps blocks slot by slot and closes the step.
struct ProgramBuilder {
  private(set) var operations: [Operation] = []
  private(set) var dependencyStart: [Int32] = [0]
  private(set) var dependencies: [Int32] = []
  /// How many collectives of each family have been placed.
  private var calls = [Int](repeating: 0, count: GroupFamily.allCases.count)
  /// The last weight gradient of each ordinal, by chunk.
  private var accumulators: [[Int32]]

  init(chunks: Int) { accumulators = Array(repeating: [], count: chunks) }

  /// The index of the next operation.
  var count: Int { operations.count }

  mutating func reserve(operations count: Int, dependencies needed: Int) {
    operations.reserveCapacity(count)
    dependencyStart.reserveCapacity(count + 1)
    dependencies.reserveCapacity(needed)
  }

  /// Appends one operation and returns its index.
  @discardableResult mutating func append(_ operation: Operation, after needed: [Int32]) -> Int32 {
    operations.append(
      operation.placed(microbatch: operation.microbatch ?? -1, partner: nextPartner(of: operation)))
    dependencies.append(contentsOf: needed)
    dependencyStart.append(Int32(dependencies.count))
    return Int32(operations.count - 1)
  }

  /// Stamps a block for one microbatch; `twin` is the end of the same microbatch's forward.
  mutating func stamp(_ block: Block, chunk: Int, microbatch: Int, twin: Int32?) {
    let base = Int32(operations.count)
    for (index, operation) in block.operations.enumerated() {
      operations.append(
        operation.placed(
          microbatch: operation.pass == .step ? -1 : microbatch,
          partner: nextPartner(of: operation)))
      for position in block.dependencyStart[index]..<block.dependencyStart[index + 1] {
        switch block.dependencies[Int(position)] {
        case .local(let local): dependencies.append(base + local)
        case .absolute(let absolute): dependencies.append(absolute)
        case .twin: if let twin { dependencies.append(twin) }
        case .accumulate(let ordinal):
          if Int(ordinal) < accumulators[chunk].count {
            dependencies.append(accumulators[chunk][Int(ordinal)])
          }
        }
      }
      dependencyStart.append(Int32(dependencies.count))
    }
    if !block.accumulators.isEmpty {
      accumulators[chunk] = block.accumulators.map { base + $0 }
    }
  }

  private mutating func nextPartner(of operation: Operation) -> Int {
    guard case .collective(let family) = operation.meeting else { return -1 }
    defer { calls[Int(family.rawValue)] += 1 }
    return calls[Int(family.rawValue)]
  }
}

import Graph
import Parallelism

/// Writes one stage program: stamps blocks slot by slot and closes the step.
struct ProgramBuilder {
  /// A block on its way into the program for one microbatch.
  struct Stamp {
    let block: Block
    let chunk: Int
    let microbatch: Int
    /// Where the block's operations have been placed.
    fileprivate var positions: [Int32]

    init(_ block: Block, chunk: Int, microbatch: Int) {
      self.block = block
      self.chunk = chunk
      self.microbatch = microbatch
      positions = [Int32](repeating: -1, count: block.operations.count)
    }
  }

  private(set) var operations: [Operation] = []
  private(set) var dependencyStart: [Int32] = [0]
  private(set) var dependencies: [Int32] = []
  /// How many collectives of each family have been placed.
  private var calls = [Int](repeating: 0, count: GroupFamily.allCases.count)
  /// The last weight gradient of each ordinal, by chunk.
  private var accumulators: [Placement]
  /// The operations of every part placed, by part, chunk and microbatch.
  private var placed: [Placement]
  private let chunks: Int
  private let microbatches: Int
  /// Whether a kernel waits for the messages sent before it.
  private let blocksOnMessages: Bool
  /// Messages for which the next kernel waits.
  private var pendingMessages: [Int32] = []

  init(chunks: Int, microbatches: Int, blocksOnMessages: Bool) {
    self.blocksOnMessages = blocksOnMessages
    self.chunks = chunks
    self.microbatches = microbatches
    accumulators = Array(repeating: Placement(), count: chunks)
    placed = Array(repeating: Placement(), count: 2 * chunks * microbatches)
  }

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
    if blocksOnMessages { waitForMessages(operation, at: Int32(operations.count - 1)) }
    dependencyStart.append(Int32(dependencies.count))
    return Int32(operations.count - 1)
  }

  /// Stamps a whole block for one microbatch.
  mutating func stamp(_ template: BlockTemplate, chunk: Int, microbatch: Int) {
    // What waits for messages or has nothing to accumulate on yet waits for other things.
    if !blocksOnMessages, accumulators[chunk].count >= template.accumulations {
      copy(template, chunk: chunk, microbatch: microbatch)
      return
    }
    var stamp = Stamp(template.block, chunk: chunk, microbatch: microbatch)
    place(template.block.operations.indices, of: &stamp)
    finish(stamp)
  }

  /// Stamps a block of which every dependency exists: `place` and `finish` at once.
  private mutating func copy(_ template: BlockTemplate, chunk: Int, microbatch: Int) {
    let base = Int32(operations.count)
    let firstDependency = Int32(dependencies.count)
    operations.append(contentsOf: template.operations)
    let calls = calls
    operations.withUnsafeMutableBufferPointer { operations in
      for index in Int(base)..<operations.count {
        let operation = operations[index]
        var partner = -1
        if case .collective(let family) = operation.meeting {
          partner = operation.partner + calls[Int(family.rawValue)]
        }
        operations[index] = operation.placed(
          microbatch: operation.pass == .step ? -1 : microbatch, partner: partner)
      }
    }
    for (family, count) in template.calls.enumerated() { self.calls[family] += count }
    dependencies.append(contentsOf: template.dependencies)
    dependencies.withUnsafeMutableBufferPointer { dependencies in
      for index in Int(firstDependency)..<dependencies.count { dependencies[index] += base }
    }
    for (place, dependency) in template.outside {
      if let needed = position(of: dependency, chunk: chunk, microbatch: microbatch) {
        dependencies[Int(firstDependency) + place] = needed
      }
    }
    let firstEnd = dependencyStart.count
    dependencyStart.append(contentsOf: template.ends)
    dependencyStart.withUnsafeMutableBufferPointer { ends in
      for index in firstEnd..<ends.count { ends[index] += firstDependency }
    }
    finish(template.block, chunk, microbatch, at: { Placement(base: base, operations: $0) })
  }

  /// Where an operation outside a block has been placed; nil where nothing is to be waited for.
  private func position(of dependency: Block.Dependency, chunk: Int, microbatch: Int) -> Int32? {
    switch dependency {
    case .local: nil
    case .absolute(let absolute): absolute
    case .earlier(let part, let chunk, let ordinal):
      placed[place(of: part, chunk, microbatch)][ordinal]
    case .accumulate(let ordinal):
      Int(ordinal) < accumulators[chunk].count ? accumulators[chunk][ordinal] : nil
    }
  }

  private func place(of part: Block.Part, _ chunk: Int, _ microbatch: Int) -> Int {
    (Int(part.rawValue) * chunks + chunk) * microbatches + microbatch
  }

  /// Places a stretch of a block.
  mutating func place(_ stretch: Range<Int>, of stamp: inout Stamp) {
    for index in stretch {
      let operation = stamp.block.operations[index]
      let position = Int32(operations.count)
      operations.append(
        operation.placed(
          microbatch: operation.pass == .step ? -1 : stamp.microbatch,
          partner: nextPartner(of: operation)))
      for dependency in stamp.block.dependencies(of: index) {
        if case .local(let local) = dependency {
          dependencies.append(stamp.positions[Int(local)])
        } else if let needed = self.position(
          of: dependency, chunk: stamp.chunk, microbatch: stamp.microbatch)
        {
          dependencies.append(needed)
        }
      }
      if blocksOnMessages { waitForMessages(operation, at: position) }
      dependencyStart.append(Int32(dependencies.count))
      stamp.positions[index] = position
    }
  }

  /// Closes a block of which every stretch has been placed.
  mutating func finish(_ stamp: Stamp) {
    finish(stamp.block, stamp.chunk, stamp.microbatch) { operations in
      Placement(base: 0, operations: operations.map { stamp.positions[Int($0)] })
    }
  }

  /// Notes where the operations that later blocks may name have been placed.
  private mutating func finish(
    _ block: Block, _ chunk: Int, _ microbatch: Int, at placement: ([Int32]) -> Placement
  ) {
    if let part = block.part {
      placed[place(of: part, chunk, microbatch)] = placement(block.exports)
    }
    if !block.accumulators.isEmpty { accumulators[chunk] = placement(block.accumulators) }
  }

  /// As Megatron's blocking pairs of messages: what a rank has sent must be gone before it computes on.
  private mutating func waitForMessages(_ operation: Operation, at position: Int32) {
    if operation.meeting == .send { pendingMessages.append(position) }
    guard operation.stream == .compute else { return }
    dependencies.append(contentsOf: pendingMessages)
    pendingMessages.removeAll(keepingCapacity: true)
  }

  private mutating func nextPartner(of operation: Operation) -> Int {
    guard case .collective(let family) = operation.meeting else { return -1 }
    defer { calls[Int(family.rawValue)] += 1 }
    return calls[Int(family.rawValue)]
  }
}

/// Where operations have been placed, by ordinal.
private struct Placement {
  var base: Int32 = 0
  /// From `base`.
  var operations: [Int32] = []

  var count: Int { operations.count }

  subscript(ordinal: Int32) -> Int32 { base + operations[Int(ordinal)] }
}

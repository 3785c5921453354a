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
  private var accumulators: [[Int32]]
  /// The operations of every part placed, by part, chunk and microbatch.
  private var placed: [[[[Int32]]]]
  /// Whether a kernel waits for the messages sent before it.
  private let blocksOnMessages: Bool
  /// Messages for which the next kernel waits.
  private var pendingMessages: [Int32] = []

  init(chunks: Int, microbatches: Int, blocksOnMessages: Bool) {
    self.blocksOnMessages = blocksOnMessages
    accumulators = Array(repeating: [], count: chunks)
    placed = Array(
      repeating: Array(repeating: Array(repeating: [], count: microbatches), count: chunks),
      count: 2)
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
  mutating func stamp(_ block: Block, chunk: Int, microbatch: Int) {
    var stamp = Stamp(block, chunk: chunk, microbatch: microbatch)
    place(block.operations.indices, of: &stamp)
    finish(stamp)
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
        switch dependency {
        case .local(let local): dependencies.append(stamp.positions[Int(local)])
        case .absolute(let absolute): dependencies.append(absolute)
        case .earlier(let part, let chunk, let ordinal):
          dependencies.append(
            placed[Int(part.rawValue)][chunk][stamp.microbatch][Int(ordinal)])
        case .accumulate(let ordinal):
          if Int(ordinal) < accumulators[stamp.chunk].count {
            dependencies.append(accumulators[stamp.chunk][Int(ordinal)])
          }
        }
      }
      if blocksOnMessages { waitForMessages(operation, at: position) }
      dependencyStart.append(Int32(dependencies.count))
      stamp.positions[index] = position
    }
  }

  /// Closes a block of which every stretch has been placed.
  mutating func finish(_ stamp: Stamp) {
    if let part = stamp.block.part {
      placed[Int(part.rawValue)][stamp.chunk][stamp.microbatch] = stamp.block.exports.map {
        stamp.positions[Int($0)]
      }
    }
    if !stamp.block.accumulators.isEmpty {
      accumulators[stamp.chunk] = stamp.block.accumulators.map { stamp.positions[Int($0)] }
    }
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

import Graph

/// The stretches in which a host launches without stopping: each but the last ends with an operation
/// that blocks the host.
struct HostSegments {
  /// How many host-blocking operations precede each operation.
  let segment: [Int32]
  /// The operation that ends each segment but the last.
  let blockers: [Int32]

  init(_ program: StageProgram) {
    var segment: [Int32] = []
    var blockers: [Int32] = []
    segment.reserveCapacity(program.operations.count)
    for (index, operation) in program.operations.enumerated() {
      segment.append(Int32(blockers.count))
      if operation.blocksHost { blockers.append(Int32(index)) }
    }
    self.segment = segment
    self.blockers = blockers
  }

  /// The operation that the host waited for last before it could launch one.
  func blocker(before index: Int) -> Int32? {
    segment[index] == 0 ? nil : blockers[Int(segment[index]) - 1]
  }

  /// How many launches after the host was free an operation has been launched, itself included.
  func launches(upTo index: Int) -> Int {
    index - Int(blocker(before: index) ?? -1)
  }
}

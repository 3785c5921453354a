import Graph

/// A stage program seen stream by stream, with what the host does in between.
struct StreamOrder {
  /// Operation indices, stream after stream, in launch order.
  let operations: [Int32]
  /// Where each stream begins in `operations`; one more entry than streams.
  let firstOfStream: [Int32]
  /// How many host-blocking operations precede each operation.
  let segment: [Int32]
  /// The host-blocking operation that ends each segment but the last.
  let blockers: [Int32]

  init(_ program: StageProgram) {
    var streams = [[Int32]](repeating: [], count: DeviceStream.allCases.count)
    var segment: [Int32] = []
    var blockers: [Int32] = []
    segment.reserveCapacity(program.operations.count)
    for (index, operation) in program.operations.enumerated() {
      streams[Int(operation.stream.rawValue)].append(Int32(index))
      segment.append(Int32(blockers.count))
      if operation.blocksHost { blockers.append(Int32(index)) }
    }
    var first: [Int32] = [0]
    for stream in streams { first.append(first[first.count - 1] + Int32(stream.count)) }
    operations = streams.flatMap { $0 }
    firstOfStream = first
    self.segment = segment
    self.blockers = blockers
  }
}

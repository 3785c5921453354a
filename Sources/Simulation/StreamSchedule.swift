import Cost
import Graph
import Parallelism
import Units

/// All stage programs in one array, stream after stream, with everything worked out that is the same
/// for all ranks of a stage.
///
/// A *position* is an index into `operations`.
struct StreamSchedule {
  let operations: [ScheduledOperation]
  /// What operations wait for besides their predecessor on the stream.
  let needs: [Need]
  /// Where each stage's streams begin, ten to a stage; one more entry than streams.
  let firstOfStream: [Int32]

  /// - Complexity: linear in the operations and dependencies of the programs.
  init(_ graph: StepGraph, costs: StepCosts) {
    let layout = StreamLayout(graph)
    var operations: [ScheduledOperation] = []
    var needs: [Need] = []
    operations.reserveCapacity(layout.order.count)
    for (stage, program) in graph.programs.enumerated() {
      let host = HostSegments(program)
      for position in layout.range(ofStage: stage) {
        let index = layout.order[position]
        let firstNeed = Int32(needs.count)
        layout.appendNeeds(of: Int(index), in: program, host: host, to: &needs)
        operations.append(
          ScheduledOperation(
            index: index, of: program, host: host, needs: firstNeed..<Int32(needs.count),
            layout: layout, costs: costs, stride: graph.grid.pipelineStride))
      }
    }
    for position in operations.indices {
      let waiting = layout.stream[position]
      for need in operations[position].needs {
        operations[Int(needs[Int(need)].position)].wakes |= 1 << waiting
      }
    }
    self.operations = operations
    self.needs = needs
    firstOfStream = layout.firstOfStream
  }
}

/// An operation of the same rank that must end before another may start.
struct Need {
  let position: Int32
  let stream: Int32
}

/// Where every operation lies when programs are laid out stream after stream.
struct StreamLayout {
  static let streams = DeviceStream.allCases.count
  /// The index in its program of the operation at each position.
  private(set) var order: [Int32] = []
  /// The stream of the operation at each position.
  private(set) var stream: [UInt16] = []
  private(set) var firstOfStream: [Int32] = [0]
  /// For each stage, the position of each operation of its program.
  private var positions: [[Int32]] = []

  init(_ graph: StepGraph) {
    for program in graph.programs {
      var positions = [Int32](repeating: 0, count: program.operations.count)
      for stream in DeviceStream.allCases {
        for index in program.operations.indices
        where program.operations[index].stream == stream {
          positions[index] = Int32(order.count)
          order.append(Int32(index))
          self.stream.append(UInt16(stream.rawValue))
        }
        firstOfStream.append(Int32(order.count))
      }
      self.positions.append(positions)
    }
  }

  func range(ofStage stage: Int) -> Range<Int> {
    Int(firstOfStream[stage * Self.streams])..<Int(firstOfStream[(stage + 1) * Self.streams])
  }

  func position(stage: Int, index: Int) -> Int32 { positions[stage][index] }

  /// Lists the last operation that one waits for on each other stream: earlier ones ended before it.
  func appendNeeds(
    of index: Int, in program: StageProgram, host: HostSegments, to needs: inout [Need]
  ) {
    var last = [Int32](repeating: -1, count: Self.streams)
    func note(_ needed: Int32) {
      let stream = Int(program.operations[Int(needed)].stream.rawValue)
      last[stream] = max(last[stream], position(stage: program.pipelineRank, index: Int(needed)))
    }
    for dependency in program.dependencies(of: index) { note(dependency) }
    if let blocker = host.blocker(before: index) { note(blocker) }
    for stream in last.indices
    where last[stream] >= 0 && stream != Int(program.operations[index].stream.rawValue) {
      needs.append(Need(position: last[stream], stream: Int32(stream)))
    }
  }
}

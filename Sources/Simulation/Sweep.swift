import Parallelism

/// Everything a sweep along the programs needs to know but the memory it works in.
struct Sweep {
  let program: SweepProgram
  let order: SweepOrder
  let meetings: ColumnMeetings
  /// By stage, the number of its columns.
  let widths: [Int]
  /// What operations whose groups or paths differ take in each column, by work and stage.
  private let durations: [[Int64]]
  /// `entry[work · stages + stage]` is an index into `durations`, or -1.
  private let entry: [Int32]

  init(program: SweepProgram, order: SweepOrder, meetings: ColumnMeetings, widths: [Int]) {
    self.program = program
    self.order = order
    self.meetings = meetings
    self.widths = widths
    var durations: [[Int64]] = []
    var entry: [Int32] = []
    for number in program.varying {
      let operation = program.operations[Int(number)]
      let key = Int(operation.work) * widths.count + Int(operation.stage)
      while entry.count <= key { entry.append(-1) }
      guard entry[key] < 0 else { continue }
      entry[key] = Int32(durations.count)
      durations.append(meetings.durations(of: operation))
    }
    self.durations = durations
    self.entry = entry
  }

  /// Plays the step into a buffer as large as the plan wants.
  ///
  /// - Parameter kernels: what ranks add to their kernels.
  /// - Returns: by stage, the end of each column.
  func play(
    _ rows: RowPlan, in buffer: UnsafeMutableBufferPointer<Int64>, kernels: ColumnVariation?
  ) -> [[Int64]] {
    guard let base = buffer.baseAddress else {
      return widths.map { Array(repeating: 0, count: $0) }
    }
    program.operations.withUnsafeBufferPointer { operations in
      program.sources.withUnsafeBufferPointer { sources in
        rows.offsets.withUnsafeBufferPointer { offsets in
          var arrived = [[Int]](
            repeating: [], count: meetings.shapes.count * widths.count)
          for run in order.runs {
            let first = program.firstOperation[run.stage]
            let width = widths[run.stage]
            for number in (first + run.operations.lowerBound)..<(first + run.operations.upperBound)
            {
              let operation = operations[number]
              let row = base + offsets[number]
              arrive(operation, row, width, sources, offsets, base)
              if operation.meeting != .none || operation.isVarying {
                meet(operation, number, row, width, &arrived, offsets, base)
              }
              if let kernels, operation.isKernel {
                kernels.stretch(
                  row, by: operation, at: number - first,
                  lasting: operation.isVarying ? durations(of: operation) : nil)
              }
            }
          }
        }
      }
    }
    return widths.indices.map { stage in
      var ends = [Int64](repeating: 0, count: widths[stage])
      for last in program.lastOperations[stage] {
        for column in ends.indices {
          ends[column] = max(ends[column], buffer[rows.offsets[last] + column])
        }
      }
      return ends
    }
  }

  /// When an operation has been launched and what it waits for on its rank has ended; for a kernel,
  /// when it ends.
  @inline(__always)
  private func arrive(
    _ operation: SweepOperation, _ row: Row, _ width: Int, _ sources: UnsafeBufferPointer<Int32>,
    _ offsets: UnsafeBufferPointer<Int>, _ base: Row
  ) {
    let isLast = operation.blocker < 0 && operation.sourceCount <= 2
    let isKernel = operation.meeting == .none && !operation.isVarying
    let duration = isKernel ? operation.duration : 0
    let first = Int(operation.firstSource)
    let floor = operation.blocker < 0 ? operation.launch : 0
    let now = isLast ? duration : 0
    switch operation.sourceCount {
    case 0: row.fill(floor &+ now, width: width)
    case 1:
      row.set(max: floor, base + offsets[Int(sources[first])], plus: now, width: width)
    default:
      row.set(
        max: floor, base + offsets[Int(sources[first])],
        base + offsets[Int(sources[first + 1])], plus: now, width: width)
    }
    if isLast { return }
    for position in 2..<max(2, Int(operation.sourceCount)) {
      row.raise(
        to: base + offsets[Int(sources[first + position])], plus: 0, adding: 0, width: width)
    }
    if operation.blocker >= 0 {
      row.raise(
        to: base + offsets[Int(operation.blocker)], plus: operation.launch, adding: duration,
        width: width)
    } else {
      row.add(duration, width: width)
    }
  }

  /// From the arrival of an operation that meets others, or that takes some columns longer, to its
  /// end.
  private func meet(
    _ operation: SweepOperation, _ number: Int, _ row: Row, _ width: Int, _ arrived: inout [[Int]],
    _ offsets: UnsafeBufferPointer<Int>, _ base: Row
  ) {
    let stage = Int(operation.stage)
    switch operation.meeting {
    case .none: add(operation, to: row, width)
    case .receive:
      let sent = base + offsets[Int(operation.partner)]
      if let columns = meetings.senders[stage][Int(operation.peer)] {
        row.raise(to: sent, at: columns)
      } else {
        row.raise(to: sent, plus: 0, adding: 0, width: width)
      }
    case .collective: gather(operation, row, width)
    case .crossing:
      let meeting = GroupFamily.allCases[Int(operation.family)]
        .meeting(ofStage: stage, of: widths.count)
      arrived[meeting.number].append(number)
      guard arrived[meeting.number].count == meeting.stages else { return }
      gather(across: arrived[meeting.number], offsets, base)
      arrived[meeting.number].removeAll(keepingCapacity: true)
    }
  }

  /// Adds what an operation takes.
  private func add(_ operation: SweepOperation, to row: Row, _ width: Int) {
    if operation.isVarying {
      row.add(durations(of: operation))
    } else {
      row.add(operation.duration, width: width)
    }
  }

  /// What an operation takes in each column, where they differ.
  private func durations(of operation: SweepOperation) -> [Int64] {
    durations[Int(entry[Int(operation.work) * widths.count + Int(operation.stage)])]
  }

  /// A collective inside one stage.
  private func gather(_ operation: SweepOperation, _ row: Row, _ width: Int) {
    switch meetings.shapes[Int(operation.family)][Int(operation.stage)] {
    case .alone: add(operation, to: row, width)
    case .strided(let axes):
      for (position, axis) in axes.enumerated() {
        let isLast = position == axes.count - 1 && !operation.isVarying
        row.gather(axis, plus: isLast ? operation.duration : 0, width: width)
      }
      if operation.isVarying { add(operation, to: row, width) }
    case .listed(let groups):
      var latest = [Int64](repeating: 0, count: meetings.groups[Int(operation.family)])
      row.note(groups, in: &latest)
      row.recall(groups, from: latest)
      add(operation, to: row, width)
    }
  }

  /// A collective whose groups have members in several stages.
  private func gather(
    across numbers: [Int], _ offsets: UnsafeBufferPointer<Int>, _ base: Row
  ) {
    let family = Int(program.operations[numbers[0]].family)
    var latest = [Int64](repeating: 0, count: meetings.groups[family])
    let first = base + offsets[numbers[0]]
    for number in numbers {
      let stage = Int(program.operations[number].stage)
      let row = base + offsets[number]
      switch meetings.shapes[family][stage] {
      case .alone: first.raise(to: row, plus: 0, adding: 0, width: widths[stage])
      case .strided(let axes):
        for axis in axes { row.gather(axis, plus: 0, width: widths[stage]) }
        first.raise(to: row, plus: 0, adding: 0, width: widths[stage])
      case .listed(let groups): row.note(groups, in: &latest)
      }
    }
    // The first row last: the others copy it.
    for number in numbers.reversed() {
      let operation = program.operations[number]
      let stage = Int(operation.stage)
      let row = base + offsets[number]
      if case .listed(let groups) = meetings.shapes[family][stage] {
        row.recall(groups, from: latest)
      } else if row != first {
        row.update(from: first, count: widths[stage])
      }
      add(operation, to: row, widths[stage])
    }
  }
}

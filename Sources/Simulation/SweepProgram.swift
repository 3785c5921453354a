import Cost
import Graph
import Parallelism
import Units

/// All stage programs as a sweep reads them: per operation what it waits for on its own rank, when
/// its host has launched it at the earliest, and how long it takes.
///
/// Operations are numbered through, stage after stage.
struct SweepProgram {
  private(set) var operations: [SweepOperation] = []
  /// The operations that others wait for; each operation has a range of them.
  private(set) var sources: [Int32] = []
  /// Operations whose groups or paths differ in what they take.
  private(set) var varying: [Int32] = []
  /// By stage, the number of its first operation; one more entry than stages.
  private(set) var firstOperation: [Int] = [0]
  /// By stage, the last operation of each stream that it uses: where its ranks end.
  private(set) var lastOperations: [[Int]] = []

  /// - Complexity: linear in the operations and dependencies of the programs.
  init(_ graph: StepGraph, costs: StepCosts) {
    let count = graph.programs.reduce(0) { $0 + $1.operations.count }
    operations.reserveCapacity(count)
    sources.reserveCapacity(2 * count)
    for program in graph.programs {
      firstOperation.append(firstOperation[program.pipelineRank] + program.operations.count)
    }
    let works = costs.offset.indices.map { work in
      SweepWork(
        duration: costs.durations[costs.offset[work]].picoseconds,
        isVarying: costs.isPerGroup[work])
    }
    let streams = DeviceStream.allCases.count
    for program in graph.programs {
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: streams * (streams + 1)) { notes in
        program.operations.withUnsafeBufferPointer {
          append(
            program, $0, works: works, costs: costs,
            streams: StreamKnowledge(streams: streams, in: notes))
        }
      }
    }
  }

  /// The number of all programs' operations.
  var count: Int { operations.count }

  /// Visits everything whose end an operation waits for, on its rank and on the sender's of a message.
  @inline(__always)
  func forEachSource(of number: Int, _ visit: (Int) -> Void) {
    let operation = operations[number]
    for position in operation.firstSource..<(operation.firstSource + operation.sourceCount) {
      visit(Int(sources[Int(position)]))
    }
    if operation.blocker >= 0 { visit(Int(operation.blocker)) }
    if operation.partner >= 0 { visit(Int(operation.partner)) }
  }

  private mutating func append(
    _ program: StageProgram, _ programOperations: UnsafeBufferPointer<Operation>,
    works: [SweepWork], costs: StepCosts, streams: consuming StreamKnowledge
  ) {
    let base = Int32(firstOperation[program.pipelineRank])
    let launch = costs.launch.picoseconds
    var blocker: Int32 = -1
    var position = 0
    for (index, operation) in programOperations.enumerated() {
      let first = sources.count
      let stream = Int(operation.stream.rawValue)
      let launches = launch * (Int64(index) - Int64(blocker))
      let lead = costs.hostSync.picoseconds + launches
      streams.begin(on: stream)
      // The last one first: waiting for it mostly implies the others.
      let end = Int(program.dependencyStart[index + 1])
      for reversed in position..<end {
        let needed = program.dependencies[position + end - 1 - reversed]
        let other = Int(programOperations[Int(needed)].stream.rawValue)
        if streams.learn(of: needed, on: other) { sources.append(base + needed) }
      }
      position = end
      if blocker >= 0, lead == 0 {
        let other = Int(programOperations[Int(blocker)].stream.rawValue)
        if streams.learn(of: blocker, on: other) { sources.append(base + blocker) }
      }
      if let previous = streams.end(Int32(index)) { sources.append(base + previous) }
      let priced = costs.pricedWork(of: operation)
      let sweepOperation = SweepOperation(
        operation, stage: program.pipelineRank, priced: priced, work: works[priced],
        sources: first..<sources.count, blocker: blocker >= 0 && lead > 0 ? base + blocker : -1,
        launch: blocker < 0 ? costs.graphLaunch.picoseconds + launches : lead,
        firstOfPeer: operation.peer < 0 ? 0 : firstOperation[operation.peer])
      if sweepOperation.isVarying { varying.append(Int32(operations.count)) }
      operations.append(sweepOperation)
      if operation.blocksHost { blocker = Int32(index) }
    }
    lastOperations.append(streams.lastOperations.map { Int(base + $0) })
  }
}

/// What a work takes, as far as all columns agree.
struct SweepWork {
  let duration: Int64
  let isVarying: Bool
}

/// One operation of a sweep.
struct SweepOperation {
  enum Meeting: UInt8 { case none, receive, collective, crossing }

  /// In picoseconds from the end of `blocker`, or from the start of the step where there is none: when
  /// the host has launched it at the earliest.
  let launch: Int64
  /// What it takes where all columns take the same; a receive ends with its message.
  let duration: Int64
  let firstSource: Int32
  /// The operation that the host waits for before it launches this, or -1.
  let blocker: Int32
  /// For a receive, the number of its send.
  let partner: Int32
  /// The work that prices it.
  let work: Int32
  let sourceCount: Int32
  let stage: Int16
  /// For a message, the stage at its other end.
  let peer: Int16
  let family: UInt8
  let meeting: Meeting
  /// Whether groups, paths or places differ in what it takes.
  let isVarying: Bool
  /// Whether it is a kernel of the device, to which ranks add by themselves.
  let isKernel: Bool

  fileprivate init(
    _ operation: Operation, stage: Int, priced: Int, work: SweepWork, sources: Range<Int>,
    blocker: Int32,
    launch: Int64, firstOfPeer: Int
  ) {
    var family: UInt8 = 0
    var partner: Int32 = -1
    var takesTime = true
    switch operation.meeting {
    case .none, .send: meeting = .none
    case .receive:
      meeting = .receive
      partner = Int32(firstOfPeer + operation.partner)
      takesTime = false
    case .collective(let met):
      family = met.rawValue
      meeting = met.crossesStages ? .crossing : .collective
    }
    self.launch = launch
    self.blocker = blocker
    self.partner = partner
    self.family = family
    firstSource = Int32(sources.lowerBound)
    sourceCount = Int32(sources.count)
    self.stage = Int16(stage)
    peer = Int16(operation.peer)
    self.work = Int32(priced)
    isVarying = takesTime && work.isVarying
    isKernel = operation.meeting == .none && operation.stream.runsKernels
    duration = takesTime ? work.duration : 0
  }
}

/// What the streams of a rank are known to wait for, so that little is waited for twice.
///
/// Kept in memory that the caller lends, because every operation reads and writes it several times.
private struct StreamKnowledge {
  private let streams: Int
  /// `known[stream · streams + other]` is the last operation of the other stream that the latest
  /// operation of a stream has waited for, or -1.
  private let known: UnsafeMutableBufferPointer<Int32>
  /// By stream, its latest operation, or -1.
  private let last: UnsafeMutableBufferPointer<Int32>
  private var stream = 0
  /// Whether what the operation waits for has itself waited for the stream's previous operation.
  private var isPreviousImplied = false

  init(streams: Int, in notes: UnsafeMutableBufferPointer<Int32>) {
    notes.initialize(repeating: -1)
    self.streams = streams
    known = UnsafeMutableBufferPointer(rebasing: notes[..<(streams * streams)])
    last = UnsafeMutableBufferPointer(rebasing: notes[(streams * streams)...])
  }

  /// Starts the list of what the next operation of a stream waits for.
  mutating func begin(on stream: Int) {
    self.stream = stream
    isPreviousImplied = last[stream] < 0
  }

  /// Notes that the operation waits for another; whether that says more than is known.
  mutating func learn(of needed: Int32, on other: Int) -> Bool {
    guard other != stream, known[stream * streams + other] < needed else { return false }
    known[stream * streams + other] = needed
    if last[other] == needed, known[other * streams + stream] == last[stream] {
      isPreviousImplied = true
    }
    return true
  }

  /// Ends the list; the stream's previous operation, unless waiting for the others implies it.
  mutating func end(_ operation: Int32) -> Int32? {
    let previous = last[stream]
    last[stream] = operation
    return isPreviousImplied ? nil : previous
  }

  /// The last operation of each stream that is used.
  var lastOperations: [Int32] { last.filter { $0 >= 0 } }
}

public import Graph
import Parallelism
public import Units

/// What one rank holds over the time of a step, by owner, worked out from its operations.
///
/// Nothing is measured: tensors live from the start of the operation that makes them to the end of the
/// last one that reads them. Fragmentation is an allowance for the whole step.
public struct MemoryTimeline: Hashable, Sendable {
  public let pipelineRank: Int
  /// What is held before the step and after it.
  public let base: MemoryBreakdown
  /// What is taken and given back, in order of time.
  public let changes: [MemoryChange]
  /// The moment at which most is held; the first of equal ones.
  public let peak: Moment

  /// What a rank holds at one time.
  public struct Moment: Hashable, Sendable {
    public let time: Int64
    public let breakdown: MemoryBreakdown
    /// Forward passes whose backward has not ended, over all chunks.
    public let inFlight: Int
  }

  /// - Parameters:
  ///   - program: the rank's program, which says what it stores.
  ///   - times: when the rank's operations ran; in launch order one by one if nil.
  ///   - keyValueCache: bytes of the cache on the rank; zero in training.
  /// - Complexity: O(n log n) in operations, dependencies and kept tensors.
  public init(
    of program: StageProgram, in graph: StepGraph, times: OperationTimes? = nil,
    keyValueCache: Bytes = .zero
  ) {
    let times = times ?? OperationTimes(launchOrderOf: program.operations.count)
    precondition(
      times.starts.count == program.operations.count, "times are of another program")
    let index = OperationIndex(of: program)
    var lifetimes = MemoryLifetimes()
    lifetimes.holdActivations(
      of: program, times: times, index: index, configuration: graph.configuration)
    lifetimes.holdOutputs(of: program, in: graph, times: times, index: index)
    lifetimes.holdGradients(of: program, in: graph, times: times)
    lifetimes.holdCopies(of: program, in: graph, times: times)
    let changes = lifetimes.changes.sorted {
      ($0.time, $0.owner.rawValue, $0.count) < ($1.time, $1.owner.rawValue, $1.count)
    }
    var base = PersistentMemory(of: program, in: graph).breakdown
    base[.keyValueCache] = keyValueCache
    base[.reserve] = InferenceReserve.bytes(of: graph.configuration)
    let most = Self.most(of: changes)
    if graph.configuration.phase == .train {
      base[.fragmentation] = FragmentationAllowance.bytes(
        for: most.breakdown.total(where: \.comesAndGoes))
    }
    var breakdown = most.breakdown
    for owner in MemoryOwner.allCases { breakdown[owner] += base[owner] }
    pipelineRank = program.pipelineRank
    self.base = base
    self.changes = changes
    peak = Moment(
      time: most.time, breakdown: breakdown,
      inFlight: program.passesInFlight(at: most.time, times))
  }

  /// The moment after whose changes most is held on top of the base.
  private static func most(of changes: [MemoryChange]) -> (time: Int64, breakdown: MemoryBreakdown)
  {
    var most = (time: Int64(0), breakdown: MemoryBreakdown())
    var total = Bytes.zero
    for moment in MemoryMoments(changes, on: MemoryBreakdown()) where moment.held.total > total {
      most = (moment.time, moment.held)
      total = moment.held.total
    }
    return most
  }
}

extension StageProgram {
  /// Microbatches that have entered a chunk and not left its backward.
  fileprivate func passesInFlight(at time: Int64, _ times: OperationTimes) -> Int {
    struct Pass: Hashable { let chunk, microbatch: Int }
    var begun: Set<Pass> = []
    var ending: Set<Pass> = []
    for (number, operation) in operations.enumerated() where operation.pass != .step {
      guard let microbatch = operation.microbatch else { continue }
      let pass = Pass(chunk: operation.chunk, microbatch: microbatch)
      if operation.pass == .forward {
        if operation.stream.runsKernels, times.starts[number] <= time { begun.insert(pass) }
      } else if times.finishes[number] > time {
        ending.insert(pass)
      }
    }
    let hasBackward = operations.contains { $0.pass == .inputGradient }
    return hasBackward ? begun.intersection(ending).count : 1
  }
}

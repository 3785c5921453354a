public import Graph
public import Hardware
import Units

/// A step and what its operations cost on a cluster.
public struct PricedStep: Sendable {
  /// The step. Kernels that run beside communication are works of their own: they cost more.
  public let graph: StepGraph
  public let costs: StepCosts

  /// Prices a step as the cluster's software runs it.
  ///
  /// Communication takes multiprocessors and memory bandwidth from the kernels that hide it. Of a
  /// collective's time that its rank can spend on kernels before one needs the result, the stack's
  /// share is added to the first of them.
  ///
  /// - Throws: as `StepCosts`.
  /// - Complexity: linear in the operations of the programs.
  public init(_ graph: StepGraph, on cluster: Cluster) throws(CostError) {
    self.init(
      graph, costs: try StepCosts(graph: graph, cluster: cluster),
      interference: cluster.stack.interference)
  }

  /// A step with its costs, in which communication slows the kernels that hide it.
  ///
  /// - Parameter interference: share of the hidden time, 0 to 1.
  public init(_ graph: StepGraph, costs: StepCosts, interference: Double) {
    guard interference > 0 else {
      self.graph = graph
      self.costs = costs
      return
    }
    var crowding = Crowding(graph, costs, share: interference)
    let programs = graph.programs.map { crowding.crowded($0) }
    self.graph = StepGraph(
      grid: graph.grid, configuration: graph.configuration, programs: programs,
      works: graph.works + crowding.works)
    self.costs = costs.appending(crowding.durations)
  }
}

/// Makes works of kernels that share their device with communication.
private struct Crowding {
  private struct Key: Hashable {
    let work: Int
    let extra: Int64
  }

  private let graph: StepGraph
  private let costs: StepCosts
  private let share: Double
  private var numbers: [Key: Int] = [:]
  private(set) var works: [Work] = []
  private(set) var durations: [Ticks] = []

  init(_ graph: StepGraph, _ costs: StepCosts, share: Double) {
    self.graph = graph
    self.costs = costs
    self.share = share
  }

  mutating func crowded(_ program: StageProgram) -> StageProgram {
    let extra = extra(of: program)
    var operations = program.operations
    for (index, time) in extra.enumerated() where time > 0 {
      operations[index] = operations[index].priced(
        as: number(of: operations[index].work, extra: time))
    }
    return StageProgram(
      pipelineRank: program.pipelineRank, operations: operations,
      dependencyStart: program.dependencyStart, dependencies: program.dependencies,
      storage: program.storage)
  }

  /// By operation, what it takes longer, in picoseconds.
  private func extra(of program: StageProgram) -> [Int64] {
    let count = program.operations.count
    var firstUse = [Int32](repeating: Int32(count), count: count)
    for index in stride(from: count - 1, through: 0, by: -1) {
      for needed in program.dependencies(of: index) { firstUse[Int(needed)] = Int32(index) }
    }
    // Kernel time launched before each operation, to find what lies between two.
    var before = [Int64](repeating: 0, count: count + 1)
    var nextKernel = [Int32](repeating: Int32(count), count: count + 1)
    for (index, operation) in program.operations.enumerated() {
      before[index + 1] = before[index] + (isKernel(operation) ? duration(of: operation) : 0)
    }
    for index in stride(from: count - 1, through: 0, by: -1) {
      nextKernel[index] = isKernel(program.operations[index]) ? Int32(index) : nextKernel[index + 1]
    }
    var extra = [Int64](repeating: 0, count: count)
    for (index, operation) in program.operations.enumerated() {
      guard case .collective = operation.meeting else { continue }
      let first = Int(nextKernel[index])
      let use = Int(firstUse[index])
      guard first < use else { continue }
      let hidden = min(duration(of: operation), before[use] - before[index])
      extra[first] += Int64(share * Double(hidden))
    }
    return extra
  }

  private func isKernel(_ operation: Graph.Operation) -> Bool {
    operation.meeting == .none && operation.stream == .compute
  }

  private func duration(of operation: Graph.Operation) -> Int64 {
    costs.durations[costs.offset[operation.work]].picoseconds
  }

  private mutating func number(of work: Int, extra: Int64) -> Int {
    let key = Key(work: work, extra: extra)
    if let known = numbers[key] { return known }
    let number = graph.works.count + works.count
    numbers[key] = number
    works.append(graph.works[work])
    durations.append(Ticks(costs.durations[costs.offset[work]].picoseconds + extra))
    return number
  }
}

extension StepCosts {
  /// With further works, one entry each.
  fileprivate func appending(_ further: [Ticks]) -> StepCosts {
    StepCosts(
      durations: durations + further,
      offset: offset + further.indices.map { durations.count + $0 },
      isPerGroup: isPerGroup + further.map { _ in false }, launch: launch,
      graphLaunch: graphLaunch, hostSync: hostSync, domainSize: domainSize)
  }
}

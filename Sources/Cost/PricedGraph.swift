public import Graph
public import Hardware
import Units

/// A step and what its operations cost on a cluster.
public struct PricedGraph: Sendable {
  /// The step. Kernels that run beside communication are works of their own: they cost more.
  public let graph: StepGraph
  public let costs: StepCosts

  /// Prices a step as the cluster's software runs it.
  ///
  /// Communication takes multiprocessors and memory bandwidth from the kernels that hide it. Of a
  /// collective's time that its rank can spend on kernels before one needs the result, the stack's
  /// share is added to the first of them.
  ///
  /// - Parameter variation: how ranks differ; what is hidden is judged on equal ones.
  /// - Throws: as `StepCosts`.
  /// - Complexity: linear in the operations of the programs.
  public init(_ graph: StepGraph, on cluster: Cluster, variation: StepVariation = .even)
    throws(CostError)
  {
    let even = try StepCosts(graph: graph, cluster: cluster)
    guard cluster.stack.interference > 0 else {
      self.graph = graph
      costs =
        variation == .even
        ? even : try StepCosts(graph: graph, cluster: cluster, variation: variation)
      return
    }
    var crowding = Crowding(graph, even, share: cluster.stack.interference)
    self.graph = crowding.crowded()
    costs = try StepCosts(
      graph: self.graph, cluster: cluster, variation: variation, extra: crowding.extra)
  }

  /// A step with its costs, in which communication slows the kernels that hide it.
  ///
  /// - Parameter interference: share of the hidden time, 0 to 1.
  public init(_ graph: StepGraph, costs: StepCosts, interference: Double) {
    var crowding = Crowding(graph, costs, share: interference)
    self.graph = crowding.crowded()
    self.costs = costs.appending(
      copies: crowding.copied, extra: Array(crowding.extra.dropFirst(graph.works.count)))
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
  private var works: [Work] = []
  /// The works that those are copies of.
  private(set) var copied: [Int] = []
  /// By work, those of the graph first: what it takes longer.
  private(set) var extra: [Ticks]

  init(_ graph: StepGraph, _ costs: StepCosts, share: Double) {
    self.graph = graph
    self.costs = costs
    self.share = share
    extra = graph.works.map { _ in .zero }
  }

  /// The step with works of their own for kernels beside communication.
  ///
  /// Times that could not be added up are left as they are: such a step is refused later.
  mutating func crowded() -> StepGraph {
    let longest = costs.durations.max()?.picoseconds ?? 0
    let count = graph.programs.map(\.operations.count).max() ?? 0
    guard !(longest.multipliedReportingOverflow(by: 4 * Int64(count + 1)).overflow) else {
      return graph
    }
    let programs = graph.programs.map { crowded($0) }
    return StepGraph(
      grid: graph.grid, configuration: graph.configuration, programs: programs,
      works: graph.works + works)
  }

  private mutating func crowded(_ program: StageProgram) -> StageProgram {
    let extra = lengthening(of: program)
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
  private func lengthening(of program: StageProgram) -> [Int64] {
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
    copied.append(work)
    self.extra.append(Ticks(extra))
    return number
  }
}

extension StepCosts {
  /// With further works, each a copy of one before it that takes longer.
  fileprivate func appending(copies: [Int], extra: [Ticks]) -> StepCosts {
    StepCosts(
      durations: durations + zip(copies, extra).map { durations[offset[$0]] + $1 },
      offset: offset + copies.indices.map { durations.count + $0 },
      isPerGroup: isPerGroup + copies.map { _ in false }, launch: launch,
      graphLaunch: graphLaunch, hostSync: hostSync, domainSize: domainSize)
  }
}

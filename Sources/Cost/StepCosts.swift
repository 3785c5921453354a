public import Graph
public import Hardware
import Parallelism
public import Units

/// The duration of every operation of a step on a cluster, in whole picoseconds.
///
/// Each distinct work is priced once. Kernels cost the same everywhere. A collective costs the same
/// in all groups of its family unless their placements differ; then there is one entry per group. A
/// message has one entry, or two where some links of the pipeline stay inside a node and others do
/// not.
public struct StepCosts: Hashable, Sendable {
  /// All entries, those of one work together.
  public let durations: [Ticks]
  /// Where the entries of each work start; indexed by `Operation.work`.
  public let offset: [Int]
  /// Whether a work has an entry per group (collectives) or per path (messages).
  public let isPerGroup: [Bool]
  /// Host time to launch one operation; zero within a CUDA graph.
  public let launch: Ticks
  /// Host time before the first operation of a step: the launch of its CUDA graph.
  public let graphLaunch: Ticks
  /// Host time to learn a kernel's result.
  public let hostSync: Ticks
  /// GPUs of one NVLink domain.
  public let domainSize: Int

  /// Prices a step.
  ///
  /// - Parameters:
  ///   - graph: what happens.
  ///   - cluster: on what; ranks fill its NVLink domains in order.
  ///   - collectiveTime: the time of a collective on a group that lies as given.
  /// - Throws: `.unsupportedFormat` for the first product that the device cannot compute; `.tooLong`
  ///   for the first operation that the clock cannot count.
  public init(
    graph: StepGraph, cluster: Cluster,
    collectiveTime: (Collective, GroupPlacement) -> Seconds
  ) throws(CostError) {
    var pricing = StepPricing(grid: graph.grid, cluster: cluster)
    let stack = StackPricing(graph, on: cluster)
    var durations: [Ticks] = []
    var offset: [Int] = []
    var isPerGroup: [Bool] = []
    for work in graph.works {
      try refuseMissingFormat(of: work, on: cluster.device)
      let entries: [Ticks]
      switch work {
      case .collective(let collective):
        let factor = stack.factor(of: collective.family)
        entries = try pricing.entries(of: collective) { factor * collectiveTime($0, $1) }
      case .transfer(let size): entries = try pricing.entries(ofTransfer: size)
      default: entries = [try pricing.ticks(stack.time(of: work))]
      }
      offset.append(durations.count)
      isPerGroup.append(entries.count > 1)
      durations.append(contentsOf: entries)
    }
    self.durations = durations
    self.offset = offset
    self.isPerGroup = isPerGroup
    // A captured step launches like one operation, and nothing in it can wait for the host.
    let isCaptured = graph.configuration.usesCUDAGraphs
    let hostLaunch = try pricing.ticks(
      cluster.stack.launch?.time(on: cluster.node.processor) ?? cluster.host.launch)
    launch = isCaptured ? .zero : hostLaunch
    graphLaunch = try pricing.ticks(stack.overhead) + (isCaptured ? hostLaunch : .zero)
    hostSync = isCaptured ? .zero : try pricing.ticks(cluster.host.synchronization)
    domainSize = cluster.node.nvlink.domainSize
  }

  /// Durations from elsewhere than a cluster: measured ones, or made-up ones in tests.
  public init(
    durations: [Ticks], offset: [Int], isPerGroup: [Bool], launch: Ticks = .zero,
    graphLaunch: Ticks = .zero, hostSync: Ticks = .zero, domainSize: Int = .max
  ) {
    self.durations = durations
    self.offset = offset
    self.isPerGroup = isPerGroup
    self.launch = launch
    self.graphLaunch = graphLaunch
    self.hostSync = hostSync
    self.domainSize = domainSize
  }

  /// The duration of one work.
  ///
  /// - Parameters:
  ///   - work: index into the graph's works.
  ///   - groupIndex: for a collective, `RankGrid.groupIndex`; for a message, `pathIndex`; ignored where
  ///     the entries do not differ.
  @inlinable public func duration(ofWork work: Int, groupIndex: Int) -> Ticks {
    durations[offset[work] + (isPerGroup[work] ? groupIndex : 0)]
  }

  /// What `duration` wants as the index of a message from one rank to another.
  @inlinable public func pathIndex(from sender: Int, to receiver: Int) -> Int {
    sender / domainSize == receiver / domainSize ? 0 : 1
  }
}

private func refuseMissingFormat(of work: Work, on device: Device) throws(CostError) {
  guard let format = work.productFormat, device.peak.rate(of: format) == nil else { return }
  throw .unsupportedFormat(
    device: device.name, format: format,
    available: NumericFormat.allCases.filter { device.peak.rate(of: $0) != nil })
}

import Graph
import Hardware
import Parallelism
import Units

/// Prices the works of one step, remembering where the groups of each family lie.
struct StepPricing {
  typealias CollectiveTime = (Collective, GroupPlacement, Cluster) -> Seconds

  private let graph: StepGraph
  private let stack: StackPricing
  /// By work, what its kernels take longer beside communication; absent works take nothing.
  private let extra: [Ticks]
  /// The cluster, and the same with slower NICs: one for each level of bandwidth.
  private let clusters: [Cluster]
  private let rails: RailLevels?
  /// By place in an expert-parallel group, the rows over the mean; empty where all are alike.
  private let loads: [Double]
  /// The site of each group, by family; one element where all are alike.
  private var sites: [GroupFamily: [GroupSite]] = [:]

  init(
    _ graph: StepGraph, cluster: Cluster, rails: RailLevels?, load: ExpertLoad?, extra: [Ticks]
  ) {
    self.graph = graph
    self.rails = rails
    self.extra = extra
    stack = StackPricing(graph, on: cluster)
    clusters = (rails?.shares ?? [1]).map { cluster.slowed(to: $0) }
    loads = load?.ofRanks(graph.grid.plan.expert) ?? []
  }

  /// One entry; for collectives one per group of the family in the order of `RankGrid.groups`, and for
  /// messages one per path, where they differ.
  mutating func entries(ofWork index: Int, _ time: CollectiveTime) throws(CostError) -> [Ticks] {
    switch graph.works[index] {
    case .collective(let collective):
      return try entries(of: collective, at: sites(of: collective.family), time)
    case .transfer(let size): return try entries(ofTransfer: size)
    case let kernel: return [try kernelTicks(of: kernel, extra: extra(of: index))]
    }
  }

  /// Appends what works on routed rows take for ranks that get more or fewer of them.
  mutating func appendLoadedWorks(
    to table: inout CostTable, _ time: CollectiveTime
  ) throws(CostError) -> ExpertWorks? {
    guard !loads.isEmpty else { return nil }
    let grid = graph.grid
    let follows = graph.followsRouting
    var works = graph.works.indices.map { Int32($0) }
    for (index, work) in graph.works.enumerated() where follows[index] {
      if case .collective(let collective) = work {
        guard collective.followsRouting else { continue }
        works[index] = Int32(table.offset.count)
        table.append(
          try entries(of: collective, at: loadedSites(of: collective.family), time))
      } else {
        works[index] = Int32(table.offset.count)
        var entries: [Ticks] = []
        for load in loads {
          entries.append(try kernelTicks(of: work.carrying(load), extra: extra(of: index)))
        }
        table.append(entries)
      }
    }
    return ExpertWorks(
      works: works,
      places: (0..<grid.worldSize).map { Int32(grid.expertCoordinates(of: $0).expert) })
  }

  private func kernelTicks(of work: Work, extra: Ticks) throws(CostError) -> Ticks {
    try ticks(stack.time(of: work)) + extra
  }

  private func extra(of work: Int) -> Ticks { work < extra.count ? extra[work] : .zero }

  private func entries(
    of collective: Collective, at sites: [GroupSite], _ time: CollectiveTime
  ) throws(CostError) -> [Ticks] {
    var known: [GroupSite: Ticks] = [:]
    var entries: [Ticks] = []
    for site in sites {
      if let ticks = known[site] {
        entries.append(ticks)
        continue
      }
      let loaded = site.load == 1 ? collective : collective.carrying(site.load)
      let idle = time(loaded, site.placement, clusters[site.level])
      let ticks = try self.ticks(stack.factor(of: collective.family) * idle)
      known[site] = ticks
      entries.append(ticks)
    }
    return entries
  }

  /// A cost on the clock.
  ///
  /// - Throws: `CostError.tooLong` where the clock ends before: a profile's rate is a slip of units.
  func ticks(_ cost: Seconds) throws(CostError) -> Ticks {
    guard cost < Self.longest else {
      throw .tooLong(cluster: clusters[0].name, duration: cost)
    }
    return Ticks(rounding: cost)
  }

  /// What `Ticks` takes, with a margin.
  private static let longest = Seconds(8.9e6)

  /// One entry, or one for each `TransferPath` where the pipeline uses both; the network's for each level
  /// of bandwidth where rails differ.
  private func entries(ofTransfer size: Bytes) throws(CostError) -> [Ticks] {
    let ranks = max(2, graph.grid.plan.pipeline)
    var entries: [Ticks] = []
    let paths = rails == nil ? usedPaths() : TransferPath.allCases
    for path in paths {
      for cluster in path == .acrossNodes ? clusters : Array(clusters.prefix(1)) {
        entries.append(try ticks(transferTime(of: size, over: path, among: ranks, on: cluster)))
      }
    }
    return entries
  }

  private mutating func sites(of family: GroupFamily) -> [GroupSite] {
    if let known = sites[family] { return known }
    let all = graph.grid.groups(family).map { site(of: $0) }
    let distinct = all.allSatisfy { $0 == all.first } ? Array(all.prefix(1)) : all
    sites[family] = distinct
    return distinct
  }

  /// Sites with the rows of the member that gets the most: it ends last.
  private func loadedSites(of family: GroupFamily) -> [GroupSite] {
    let all = graph.grid.groups(family).map { group in
      let places = group.map { graph.grid.expertCoordinates(of: $0).expert }
      return site(of: group, load: places.map { loads[$0] }.max() ?? 1)
    }
    return all.allSatisfy { $0 == all.first } ? Array(all.prefix(1)) : all
  }

  private func site(of group: RankGroup, load: Double = 1) -> GroupSite {
    let placement = GroupPlacement(
      group: group, domainSize: clusters[0].node.nvlink.domainSize)
    let level = placement.isInsideNode ? 0 : rails?.level(of: group) ?? 0
    return GroupSite(placement: placement, level: level, load: load)
  }

  /// The paths between neighbouring stages, the wrap from the last to the first included, which
  /// interleaved schedules use.
  private func usedPaths() -> [TransferPath] {
    let grid = graph.grid
    let domainSize = clusters[0].node.nvlink.domainSize
    var isUsed = [false, false]
    for rank in 0..<grid.worldSize {
      let next = (grid.pipelineRank(of: rank) + 1) % grid.plan.pipeline
      let peer = grid.rank(rank, movedToStage: next)
      let path: TransferPath =
        rank / domainSize == peer / domainSize ? .insideNode : .acrossNodes
      isUsed[path.rawValue] = true
    }
    return TransferPath.allCases.filter { isUsed[$0.rawValue] }
  }
}

/// All of a group that a collective's time depends on.
private struct GroupSite: Hashable {
  let placement: GroupPlacement
  /// The level of NIC bandwidth that rules it.
  let level: Int
  /// Rows over the mean.
  let load: Double
}

import Graph
import Hardware
import Parallelism
import Units

/// Prices the works of one step that depend on where ranks lie, remembering placements per family.
struct StepPricing {
  private let grid: RankGrid
  private let cluster: Cluster
  /// The placement of each group, by family; one element where all are alike.
  private var placements: [GroupFamily: [GroupPlacement]] = [:]

  init(grid: RankGrid, cluster: Cluster) {
    self.grid = grid
    self.cluster = cluster
  }

  /// One entry, or one per group of the family in the order of `RankGrid.groups`.
  mutating func entries(
    of collective: Collective, _ time: (Collective, GroupPlacement) -> Seconds
  ) throws(CostError) -> [Ticks] {
    var known: [GroupPlacement: Ticks] = [:]
    var entries: [Ticks] = []
    for placement in placements(of: collective.family) {
      if let ticks = known[placement] {
        entries.append(ticks)
        continue
      }
      let ticks = try self.ticks(time(collective, placement))
      known[placement] = ticks
      entries.append(ticks)
    }
    return entries
  }

  /// A cost on the clock.
  ///
  /// - Throws: `CostError.tooLong` where the clock ends before: a profile's rate is a slip of units.
  func ticks(_ cost: Seconds) throws(CostError) -> Ticks {
    guard cost < Self.longest else { throw .tooLong(cluster: cluster.name, duration: cost) }
    return Ticks(rounding: cost)
  }

  /// What `Ticks` takes, with a margin.
  private static let longest = Seconds(8.9e6)

  /// One entry, or one for each `TransferPath` where the pipeline uses both.
  func entries(ofTransfer size: Bytes) throws(CostError) -> [Ticks] {
    let ranks = max(2, grid.plan.pipeline)
    var entries: [Ticks] = []
    for path in usedPaths() {
      entries.append(try ticks(transferTime(of: size, over: path, among: ranks, on: cluster)))
    }
    return entries
  }

  private mutating func placements(of family: GroupFamily) -> [GroupPlacement] {
    if let known = placements[family] { return known }
    let all = grid.groups(family).map {
      GroupPlacement(group: $0, domainSize: cluster.node.nvlink.domainSize)
    }
    let distinct = all.allSatisfy { $0 == all.first } ? Array(all.prefix(1)) : all
    placements[family] = distinct
    return distinct
  }

  /// The paths between neighbouring stages, the wrap from the last to the first included, which
  /// interleaved schedules use.
  private func usedPaths() -> [TransferPath] {
    let domainSize = cluster.node.nvlink.domainSize
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

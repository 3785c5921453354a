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
  ) -> [Ticks] {
    var known: [GroupPlacement: Ticks] = [:]
    return placements(of: collective.family).map { placement in
      if let ticks = known[placement] { return ticks }
      let ticks = Ticks(rounding: time(collective, placement))
      known[placement] = ticks
      return ticks
    }
  }

  /// One entry, or one for each `TransferPath` where the pipeline uses both.
  func entries(ofTransfer size: Bytes) -> [Ticks] {
    let ranks = max(2, grid.plan.pipeline)
    return usedPaths().map { path in
      Ticks(rounding: transferTime(of: size, over: path, among: ranks, on: cluster))
    }
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

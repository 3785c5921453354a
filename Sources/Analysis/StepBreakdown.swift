import Cost
import Graph
import Parallelism
public import Simulation
import Units

/// Where the time of all ranks went.
public struct StepBreakdown: Sendable {
  /// One per rank.
  public let ranks: [RankBreakdown]
  /// Sum over ranks: `ranks × step`, exactly.
  public let sum: RankBreakdown
  /// Sum over the ranks of each pipeline stage.
  public let stages: [RankBreakdown]
  /// Ranks that differ in timing; the others repeat one of them.
  public let distinctRanks: Int

  /// - Complexity: O(nodes); ranks with identical timelines are worked out once.
  public init(_ timeline: Timeline) {
    let grid = timeline.graph.grid
    // By rank, those worked out that it is the lowest twin of.
    var known: [[(rank: Int, breakdown: RankBreakdown)]] = Array(
      repeating: [], count: grid.worldSize)
    let twins = timeline.twins()
    var ranks: [RankBreakdown] = []
    var sum = RankBreakdown()
    var stages = [RankBreakdown](repeating: RankBreakdown(), count: grid.plan.pipeline)
    for (rank, representative) in timeline.representatives.enumerated() {
      let stage = grid.pipelineRank(of: rank)
      let breakdown: RankBreakdown
      if representative < rank {
        breakdown = ranks[representative]
      } else if let twin = known[twins[rank]].first(where: {
        timeline.haveEqualCosts($0.rank, rank)
      }) {
        breakdown = twin.breakdown
      } else {
        breakdown = RankBreakdown(
          RankTrace(timeline, rank: rank), makespan: timeline.makespan)
        known[twins[rank]].append((rank, breakdown))
      }
      ranks.append(breakdown)
      sum += breakdown
      stages[stage] += breakdown
    }
    self.ranks = ranks
    self.sum = sum
    self.stages = stages
    distinctRanks = known.reduce(0) { $0 + $1.count }
  }

  /// A class's share of all ranks' time, from 0 to 1.
  public func share(of timeClass: TimeClass) -> Double {
    let total = sum.total.picoseconds
    return total == 0 ? 0 : Double(sum[timeClass].picoseconds) / Double(total)
  }
}

extension Timeline {
  /// Whether collectives and messages take as long in the groups and on the paths of one rank as in
  /// those of another rank of its stage.
  fileprivate func haveEqualCosts(_ rank: Int, _ other: Int) -> Bool {
    costs.offset.indices.allSatisfy { work in
      !costs.isPerGroup[work] || entries(of: work, rank: rank) == entries(of: work, rank: other)
    }
  }

  private func entries(of work: Int, rank: Int) -> [Ticks] {
    let grid = graph.grid
    switch graph.works[costs.work(pricedBy: work)] {
    case .collective(let collective):
      let group = grid.groupIndex(of: collective.family, containing: rank)
      return [costs.duration(ofWork: work, groupIndex: group)]
    case .transfer: break
    // Ranks whose kernels differ do not end at the same times.
    default: return []
    }
    return graph.programs.indices.map { stage in
      let path = costs.pathIndex(from: rank, to: grid.rank(rank, movedToStage: stage))
      return costs.duration(ofWork: work, groupIndex: path)
    }
  }
}

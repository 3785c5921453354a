import Cost
import Graph
import Parallelism
import Units

/// How the columns of a stage gather for a collective.
enum GroupShape {
  /// Each column by itself.
  case alone
  /// As ranks do: along axes of the stage's own rank numbers.
  case strided([RankGroup.Axis])
  /// By the number of each column's group, from 0.
  case listed([Int32])
}

/// Whom the columns of each stage meet, and what that costs them.
struct ColumnMeetings {
  private let graph: StepGraph
  private let costs: StepCosts
  private let folding: Folding
  /// `shapes[family][stage]`, for families in use.
  private(set) var shapes: [[GroupShape]]
  /// By family, how many groups the listed shapes count over all stages.
  private(set) var groups: [Int]
  /// `senders[stage][peer]`: for each column, the column that sends to it; nil where they agree.
  private(set) var senders: [[[Int32]?]]

  /// - Complexity: O(ranks · families in use).
  init(_ graph: StepGraph, costs: StepCosts, folding: Folding) {
    self.graph = graph
    self.costs = costs
    self.folding = folding
    let partners = StagePartners(graph)
    let none = [GroupShape](repeating: .alone, count: graph.programs.count)
    shapes = [[GroupShape]](repeating: none, count: GroupFamily.allCases.count)
    groups = [Int](repeating: 0, count: GroupFamily.allCases.count)
    senders = graph.programs.indices.map { _ in
      [[Int32]?](repeating: nil, count: graph.programs.count)
    }
    for family in partners.families {
      if folding.isTrivial {
        let shape = Self.unfoldedShape(of: family, in: graph.grid)
        shapes[Int(family.rawValue)] = none.map { _ in shape }
      } else {
        list(family, partners: partners)
      }
    }
    for (stage, peers) in partners.peers.enumerated() {
      for peer in peers { senders[stage][peer] = senders(of: stage, from: peer) }
    }
  }

  /// What an operation takes in each column of its stage.
  func durations(of operation: SweepOperation) -> [Int64] {
    let work = Int(operation.work)
    return folding.representatives[Int(operation.stage)].map { rank in
      let index: Int
      if operation.meeting == .none, operation.peer < 0 {
        index = costs.experts.map { Int($0.places[rank]) } ?? 0
      } else if operation.meeting == .none {
        let peer = graph.grid.rank(rank, movedToStage: Int(operation.peer))
        index = costs.pathIndex(from: rank, to: peer)
      } else {
        let family = GroupFamily.allCases[Int(operation.family)]
        index = graph.grid.groupIndex(of: family, containing: rank)
      }
      return costs.duration(ofWork: work, groupIndex: index).picoseconds
    }
  }

  /// The axes of a group counted in ranks of one stage, neighbouring axes joined.
  private static func unfoldedShape(of family: GroupFamily, in grid: RankGrid) -> GroupShape {
    let block = grid.pipelineStride * grid.plan.pipeline
    var axes: [RankGroup.Axis] = []
    for axis in grid.axes(of: family) where grid.plan.pipeline == 1 || !axis.crosses(grid) {
      let stride = axis.stride >= block ? axis.stride / grid.plan.pipeline : axis.stride
      if let last = axes.last, last.size * last.stride == stride {
        axes[axes.count - 1] = .init(size: last.size * axis.size, stride: last.stride)
      } else {
        axes.append(.init(size: axis.size, stride: stride))
      }
    }
    return axes.isEmpty ? .alone : .strided(axes)
  }

  /// Numbers the groups of classes: groups whose members are of the same classes are one.
  private mutating func list(_ family: GroupFamily, partners: StagePartners) {
    let isCaller = partners.callers[Int(family.rawValue)]
    var numberOfSet: [Set<SIMD2<Int32>>: Int32] = [:]
    var numberOfGroup: [Int: Int32] = [:]
    var isAlone = !family.crossesStages
    let columns = folding.representatives.indices.map { stage -> [Int32] in
      guard isCaller[stage] else { return [] }
      return folding.representatives[stage].map { rank in
        let index = graph.grid.groupIndex(of: family, containing: rank)
        if let number = numberOfGroup[index] { return number }
        let members = Set(graph.grid.group(family, containing: rank).lazy.map(classOfRank))
        if members.count > 1 { isAlone = false }
        let number = numberOfSet[members] ?? Int32(numberOfSet.count)
        numberOfSet[members] = number
        numberOfGroup[index] = number
        return number
      }
    }
    guard !isAlone else { return }
    shapes[Int(family.rawValue)] = columns.map { .listed($0) }
    groups[Int(family.rawValue)] = numberOfSet.count
  }

  private func classOfRank(_ rank: Int) -> SIMD2<Int32> {
    SIMD2(Int32(graph.grid.pipelineRank(of: rank)), folding.column[rank])
  }

  private func senders(of stage: Int, from peer: Int) -> [Int32]? {
    let columns = folding.representatives[stage].map {
      folding.column[graph.grid.rank($0, movedToStage: peer)]
    }
    return columns.elementsEqual(0..<Int32(columns.count)) ? nil : columns
  }
}

extension RankGroup.Axis {
  /// Whether it leads from stage to stage.
  fileprivate func crosses(_ grid: RankGrid) -> Bool {
    stride % grid.pipelineStride == 0 && stride < grid.pipelineStride * grid.plan.pipeline
  }
}

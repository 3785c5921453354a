extension RankGrid {
  /// The index of a rank's group within its family, counted in order of the groups' lowest ranks.
  ///
  /// The ranks are a mixed-radix number; striking out the digits that vary inside the group leaves
  /// the index.
  ///
  /// - Precondition: for `.embedding`, the rank is in the first or last stage.
  public func groupIndex(of family: GroupFamily, containing rank: Int) -> Int {
    index(
      of: family.isMirrored ? folded(rank) : rank, strikingOut: indexAxes(of: family))
  }

  /// The number of groups of a family.
  public func groupCount(of family: GroupFamily) -> Int {
    worldSize / indexAxes(of: family).reduce(1) { $0 * $1.size }
  }

  /// The axes whose digits are struck out. Embedding groups are counted like the pipelines that
  /// they end.
  fileprivate func indexAxes(of family: GroupFamily) -> [RankGroup.Axis] {
    axes(of: family == .embedding ? .pipeline : family)
  }

  fileprivate func index(of rank: Int, strikingOut axes: [RankGroup.Axis]) -> Int {
    var index = 0
    var weight = 1
    var stride = 1
    for axis in axes {
      let kept = axis.stride / stride
      index += rank / stride % kept * weight
      weight *= kept
      stride = axis.stride * axis.size
    }
    return index + rank / stride * weight
  }
}

/// The group index of every rank within one family.
///
/// - Complexity: built in O(ranks), 4 bytes per rank.
public struct GroupTable: Hashable, Sendable {
  public let family: GroupFamily
  /// The number of groups.
  public let count: Int
  /// By rank, the index of its group, from 0 in order of the groups' lowest ranks.
  ///
  /// For `.embedding`, a rank of a middle stage is in no group and carries the index of the group at
  /// the ends of its pipeline.
  public let indices: [Int32]

  public init(_ family: GroupFamily, of grid: RankGrid) {
    let axes = grid.indexAxes(of: family)
    self.family = family
    count = grid.groupCount(of: family)
    let isMirrored = family.isMirrored
    indices = (0..<grid.worldSize).map {
      Int32(grid.index(of: isMirrored ? grid.folded($0) : $0, strikingOut: axes))
    }
  }
}

public import Parallelism

extension RankGrid {
  /// The number of a rank's group within its family, when groups are counted by their lowest rank.
  ///
  /// Arithmetic: each axis of the group is struck out of the rank, slowest first.
  ///
  /// - Precondition: for `.embedding`, the rank is in the first or last stage.
  public func groupIndex(_ family: GroupFamily, of rank: Int) -> Int {
    let counted = family == .embedding ? axes(of: .pipeline) : axes(of: family)
    return counted.reversed().reduce(rank) { rank, axis in
      rank / (axis.stride * axis.size) * axis.stride + rank % axis.stride
    }
  }
}

extension RankGrid {
  /// A rank with all its coordinates: `rank 17 · TP1 CP0 DP4 PP0 EP4 ETP1 EDP0`.
  public func label(of rank: Int) -> String {
    let dense = denseCoordinates(of: rank)
    let expert = expertCoordinates(of: rank)
    return
      "rank \(rank) · TP\(dense.tensor) CP\(dense.context) DP\(dense.data) PP\(dense.pipeline) "
      + "EP\(expert.expert) ETP\(expert.expertTensor) EDP\(expert.expertData)"
  }
}

extension PipelineLayout {
  /// How many layers each stage holds, in model order.
  ///
  /// - Parameters:
  ///   - count: layers of the model, at least 1.
  ///   - ranks: pipeline ranks.
  ///   - chunks: model chunks per rank.
  /// - Returns: one number per stage, `ranks · chunks` of them, adding up to `count`; a stage that
  ///   holds only the embedding or the loss has none.
  /// - Throws: `LayoutError` if the layers cannot be split so.
  /// - SeeAlso: Megatron-LM, `get_num_layers_to_build` in `transformer_block.py`.
  public func layers(count: Int, ranks: Int, chunks: Int = 1) throws(LayoutError) -> [Int] {
    let stages = ranks * chunks
    switch self {
    case .even:
      guard count % stages == 0 else { throw .uneven(layers: count, extra: 0, stages: stages) }
      return Array(repeating: count / stages, count: stages)
    case .counting(let embedding, let loss):
      let extra = (embedding ? 1 : 0) + (loss ? 1 : 0)
      guard (count + extra) % stages == 0 else {
        throw .uneven(layers: count, extra: extra, stages: stages)
      }
      var layers = [Int](repeating: (count + extra) / stages, count: stages)
      if embedding { layers[0] -= 1 }
      if loss { layers[stages - 1] -= 1 }
      guard layers.allSatisfy({ $0 >= 0 }) else {
        throw .uneven(layers: count, extra: extra, stages: stages)
      }
      return layers
    case .ends(let first, let last):
      return try ends(first: first, last: last, count: count, ranks: ranks, chunks: chunks)
    case .custom(let layers):
      guard layers.count == stages else {
        throw .wrongStageCount(found: layers.count, stages: stages)
      }
      guard layers.allSatisfy({ $0 >= 0 }), layers.reduce(0, +) == count else {
        throw .wrongSum(found: layers.reduce(0, +), layers: count)
      }
      return layers
    }
  }

  /// The first and the last rank's own numbers, the others even; each rank's even over its chunks.
  private func ends(first: Int?, last: Int?, count: Int, ranks: Int, chunks: Int)
    throws(LayoutError) -> [Int]
  {
    let middle = ranks - (first == nil ? 0 : 1) - (last == nil ? 0 : 1)
    let left = count - (first ?? 0) - (last ?? 0)
    guard middle >= 0, left >= 0, (first ?? 0) >= 0, (last ?? 0) >= 0,
      middle == 0 ? left == 0 : left % middle == 0
    else { throw .endsUneven(layers: left, ranks: middle) }
    var perRank = [Int](repeating: middle == 0 ? 0 : left / middle, count: ranks)
    if let first { perRank[0] = first }
    if let last { perRank[ranks - 1] = last }
    if let uneven = perRank.first(where: { $0 % chunks != 0 }) {
      throw .rankUneven(layers: uneven, chunks: chunks)
    }
    return (0..<ranks * chunks).map { perRank[$0 % ranks] / chunks }
  }
}

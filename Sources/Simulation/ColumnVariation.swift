import Cost

/// What the ranks of each column add to their kernels, as a sweep reads it.
struct ColumnVariation {
  private let variation: KernelVariation
  /// By stage, the rank that each column is played for.
  private let ranks: [[Int32]]
  /// By stage and column, the factor on all kernels.
  private let factors: [[Double]]
  /// By stage and column, the factor less 1.
  private let excess: [[Double]]

  init(_ variation: KernelVariation, folding: Folding) {
    self.variation = variation
    ranks = folding.representatives.map { $0.map { Int32($0) } }
    factors = folding.representatives.map { $0.map { variation.factors[$0] } }
    excess = factors.map { $0.map { $0 - 1 } }
  }

  /// Moves the ends of a kernel from where they should be to where they are.
  ///
  /// - Parameters:
  ///   - index: of the operation in its program.
  ///   - durations: what it should take in each column, where that differs.
  @inline(__always)
  func stretch(
    _ row: Row, by operation: SweepOperation, at index: Int, lasting durations: [Int64]?
  ) {
    let stage = Int(operation.stage)
    let ranks = self.ranks[stage]
    if let durations {
      for column in ranks.indices {
        row[column] &+=
          variation.duration(
            durations[column], ofOperation: index, on: Int(ranks[column])) &- durations[column]
      }
      return
    }
    let duration = Double(operation.duration)
    guard let scatter = variation.scatter else {
      excess[stage].withUnsafeBufferPointer { excess in
        guard let excess = excess.baseAddress else { return }
        row.stretch(duration, by: excess, width: ranks.count)
      }
      return
    }
    let key = scatter.key(ofOperation: index)
    factors[stage].withUnsafeBufferPointer { factors in
      ranks.withUnsafeBufferPointer { ranks in
        scatter.levels.withUnsafeBufferPointer { levels in
          guard let factors = factors.baseAddress, let base = ranks.baseAddress,
            let levels = levels.baseAddress
          else { return }
          row.stretch(
            duration, by: factors, of: base, levels: levels, key: key, width: ranks.count)
        }
      }
    }
  }
}

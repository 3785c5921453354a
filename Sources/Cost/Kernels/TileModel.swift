import Units

/// The shape constants of matrix products, the same for all GPUs.
///
/// They were fitted together with every profile's achievable rates on 638 published timings of dense and
/// 50 of grouped products; changing one alone biases the rates by 3 to 5 %.
struct TileModel: Sendable {
  /// The tiles that libraries choose from.
  let tiles: [Tile]
  /// Elements of the inner dimension that starting and storing a tile costs (`k₀`).
  let innerOverhead: Double
  /// How much worse small tiles feed the tensor cores (`cₜ`).
  let tileCost: Double
  /// Share of a wave that rounds up to a whole one (`q`).
  let waveRounding: Double

  /// Products of two matrices.
  static let dense = TileModel(
    tiles: [
      Tile(rows: 256, columns: 128), Tile(rows: 128, columns: 256), Tile(rows: 128, columns: 128),
      Tile(rows: 64, columns: 256), Tile(rows: 256, columns: 64), Tile(rows: 128, columns: 64),
      Tile(rows: 64, columns: 128), Tile(rows: 64, columns: 64), Tile(rows: 32, columns: 128),
      Tile(rows: 16, columns: 128), Tile(rows: 128, columns: 32),
    ], innerOverhead: 59, tileCost: 20.6, waveRounding: 0.714)

  /// Products over experts, whose kernels are specialised for few rows.
  static let grouped = TileModel(
    tiles: [16, 32, 64, 128, 256].flatMap { rows in
      [64, 128, 256].filter { rows * $0 <= 32_768 }.map { Tile(rows: rows, columns: $0) }
    }, innerOverhead: 56, tileCost: 5.5, waveRounding: 0.4)

  /// The share of the achievable rate that a tile reaches; 1 for the largest.
  func efficiency(of tile: Tile) -> Double {
    (1 + tileCost * (1.0 / 256 + 1.0 / 128))
      / (1 + tileCost * (1 / Double(tile.rows) + 1 / Double(tile.columns)))
  }

  /// The rounds that a number of tiles takes: at least one, and mostly whole ones.
  func waves(tiles: Double, multiprocessors: Int) -> Double {
    let exact = tiles / Double(multiprocessors)
    return max(1, (1 - waveRounding) * exact + waveRounding * exact.rounded(.up))
  }

  /// The time of some waves of one tile over an inner dimension.
  func time(
    tile: Tile, waves: Double, inner: Double, rate: Throughput, multiprocessors: Int
  ) -> Seconds {
    let work = 2 * Double(tile.rows * tile.columns) * (inner + innerOverhead)
    return FLOPs(waves * work * Double(multiprocessors)) / (efficiency(of: tile) * rate)
  }
}

/// Parts that cover a length: the ceiling of the quotient.
func parts(of length: Double, by size: Int) -> Double { (length / Double(size)).rounded(.up) }

/// A rate as long kernels hold it: power limits take a share per doubling beyond 10¹² FLOP, over at
/// most five doublings.
func droopedRate(_ rate: Throughput, droop: Double, work: FLOPs) -> Throughput {
  guard work.count > 1e12 else { return rate }
  return (1 - droop * min(doublings(work.count / 1e12), 5)) * rate
}

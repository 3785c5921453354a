import Graph
import Hardware
import Units

/// What a dense product moves.
struct GEMMTraffic {
  /// Reading all operands once.
  let operands: Seconds
  /// Writing the result.
  let result: Seconds
  /// Bytes over seconds of both.
  let rate: Bandwidth

  init(_ product: MatrixMultiply, on device: Device, isRepeated: Bool) {
    let (m, n, k) = (Double(product.rows), Double(product.columns), Double(product.inner))
    let batch = Double(product.batch)
    let read = batch * (m + n) * k * Double(product.format.width)
    let written = batch * m * n * Double(product.outputWidth)
    let rates = device.rates.gemm
    let time =
      isRepeated
      ? streamingTime(
        bytes: read + written, memory: rates.bandwidth, cache: rates.cacheBandwidth,
        capacity: device.levelTwoCache, copies: GEMMTraffic.rotatedCopies, exponent: 2)
      : Seconds((read + written) / rates.bandwidth.bytesPerSecond)
    rate = Bandwidth(bytesPerSecond: (read + written) / time.value)
    operands = Seconds(read / rate.bytesPerSecond)
    result = Seconds(written / rate.bytesPerSecond)
  }

  /// How many copies of the operands compete for the cache in a benchmark, fitted.
  private static let rotatedCopies = 6.47
}

/// The fastest way to cut a dense product.
struct DenseTiling {
  let time: Seconds
  let compute: Seconds
  let memory: Seconds
  /// What adding split parts costs.
  let adding: Seconds
  let tiling: Tiling
}

/// Splits of the inner dimension that libraries try, and the shortest part that is worth it.
private let splits = [1, 2, 4, 8, 16]
private let shortestSplit = 256.0

/// The cheapest of all tiles and splits, memory included.
func fastestTiling(
  of product: MatrixMultiply, rate: Throughput, traffic: GEMMTraffic, device: Device
) -> DenseTiling {
  let model = TileModel.dense
  let (rows, columns, inner) = (
    Double(product.rows), Double(product.columns), Double(product.inner)
  )
  let batch = Double(product.batch)
  let width = Double(product.format.width)
  // Products of 8 bits start and store a tile more slowly than they multiply.
  let rescaling =
    product.format == .fp8 ? (DenseShape.eightBitOverhead - 1) * model.innerOverhead : 0
  let late = DenseShape.lateResult * traffic.result
  let early = (1 - DenseShape.lateResult) * traffic.result
  var best: DenseTiling?
  for splits in splits where splits == 1 || inner / Double(splits) >= shortestSplit {
    let part = inner / Double(splits)
    let adding =
      splits == 1 ? .zero : DenseShape.splitTime(elements: batch * rows * columns, splits: splits)
    for tile in model.tiles {
      let tiles =
        batch * parts(of: rows, by: tile.rows) * parts(of: columns, by: tile.columns)
      let waves = model.waves(
        tiles: tiles * Double(splits), multiprocessors: device.multiprocessors)
      let compute = model.time(
        tile: tile, waves: waves, inner: part + rescaling, rate: rate,
        multiprocessors: device.multiprocessors)
      let sides = min(rows, Double(tile.rows)) + min(columns, Double(tile.columns))
      let loaded =
        DenseShape.saturation * Double(device.multiprocessors) * sides * part * width
      let operands = max(traffic.operands, Seconds(loaded / traffic.rate.bytesPerSecond))
      let time =
        overlapped(compute, operands + early, exponent: DenseShape.overlap) + late + adding
      if let best, best.time <= time { continue }
      best = DenseTiling(
        time: time, compute: compute, memory: operands + traffic.result, adding: adding,
        tiling: Tiling(tile: tile, splits: splits, waves: waves))
    }
  }
  guard let best else { preconditionFailure("one split of each tile is always possible") }
  return best
}

/// Shape constants of dense products beside those of `TileModel`, fitted with them.
enum DenseShape {
  /// `p`: how well products and loads overlap.
  static let overlap = 3.11
  /// `φ`: the share of the result that is written after the last product.
  static let lateResult = 0.391
  /// `o`: the share of multiprocessors that saturates the memory.
  static let saturation = 0.254
  /// How much more of the inner dimension starting and storing a tile costs with 8 bits.
  static let eightBitOverhead = 2.44
  /// Starting the second kernel that adds the parts of a split.
  private static let splitLatency = Seconds.microseconds(5.94)
  /// Partial sums travel through the L2 cache: 4 bytes written and 4 read each.
  private static let splitBandwidth = Bandwidth.gigabytesPerSecond(5500)

  static func splitTime(elements: Double, splits: Int) -> Seconds {
    splitLatency + Seconds(8 * elements * Double(splits) / splitBandwidth.bytesPerSecond)
  }
}

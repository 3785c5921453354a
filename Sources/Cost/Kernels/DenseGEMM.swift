public import Graph
public import Hardware
import Units

/// The time of a dense matrix product, by the best of the tiles and splits that libraries use.
///
///     e(tile) = (1 + cₜ(1/256 + 1/128)) / (1 + cₜ(1/bm + 1/bn))
///     w       = ⌈M/bm⌉ ⌈N/bn⌉ s / SM,   waves = max(1, (1 − q) w + q ⌈w⌉)
///     compute = min over tile, s of  waves · 2 bm bn (K/s + k₀) SM / (P e)  +  split cost
///     memory  = ((M K + K N) bytes(in) + M N bytes(out)) / BW
///     t       = t₀ + √(compute² + memory²)
///
/// A batch multiplies tiles and bytes. Gradients are products with permuted dimensions. Assumes operands that do not wait in the L2 cache.
/// On shapes outside the fit the error is 8 % in the median and 27 % at the 90th percentile.
///
/// - Precondition: the device has the product's format.
public func denseGEMMCost(of product: MatrixMultiply, on device: Device) -> KernelCost {
  let rates = device.rates.gemm
  let rate = droopedRate(
    achievable(product.format, rates.achievable, device), droop: rates.droop, work: product.flops)
  let (compute, tiling) = fastestTiling(
    rows: Double(product.rows), columns: Double(product.columns), inner: Double(product.inner),
    batch: Double(product.batch), rate: rate, multiprocessors: device.multiprocessors)
  let operands = (product.rows + product.columns) * product.inner * product.format.width
  let output = product.rows * product.columns * product.outputWidth
  let memory = Bytes(product.batch * (operands + output)) / rates.bandwidth
  return KernelCost(
    duration: rates.latency + overlapped(compute, memory, exponent: 2), compute: compute,
    memory: memory, latency: rates.latency, tiling: tiling)
}

/// The rate of a format.
///
/// - Precondition: the device has the format; `StepCosts` refuses graphs that break this.
func achievable(_ format: NumericFormat, _ rates: FormatRates, _ device: Device) -> Throughput {
  guard let rate = rates.rate(of: format) else {
    preconditionFailure("\(device.name) has no \(format.rawValue) tensor cores")
  }
  return rate
}

/// Splits of the inner dimension that libraries try, and the shortest part that is worth it.
private let splits = [1, 2, 4, 8, 16]
private let shortestSplit = 256.0
/// Starting the second kernel that adds the parts, fitted.
private let splitLatency = Seconds.microseconds(4)
/// Partial sums travel through the L2 cache: 4 bytes written and 4 read each, at a fitted rate.
private let splitBandwidth = Bandwidth.gigabytesPerSecond(4000)

private func fastestTiling(
  rows: Double, columns: Double, inner: Double, batch: Double, rate: Throughput,
  multiprocessors: Int
) -> (time: Seconds, tiling: Tiling) {
  let model = TileModel.dense
  var best = Seconds(.infinity)
  var tiling = Tiling(tile: model.tiles[0], splits: 1, waves: 1)
  for splits in splits where splits == 1 || inner / Double(splits) >= shortestSplit {
    let adding = splits == 1 ? .zero : splitTime(elements: batch * rows * columns, splits: splits)
    for tile in model.tiles {
      let tiles =
        batch * parts(of: rows, by: tile.rows) * parts(of: columns, by: tile.columns)
      let waves = model.waves(tiles: tiles * Double(splits), multiprocessors: multiprocessors)
      let time =
        adding
        + model.time(
          tile: tile, waves: waves, inner: inner / Double(splits), rate: rate,
          multiprocessors: multiprocessors)
      if time < best {
        best = time
        tiling = Tiling(tile: tile, splits: splits, waves: waves)
      }
    }
  }
  return (best, tiling)
}

private func splitTime(elements: Double, splits: Int) -> Seconds {
  splitLatency + Seconds(8 * elements * Double(splits) / splitBandwidth.bytesPerSecond)
}

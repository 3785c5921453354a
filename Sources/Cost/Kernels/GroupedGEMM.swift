public import Graph
public import Hardware
import Units

/// The time of one product per local expert with equally many rows each, run as one call.
///
/// As `denseGEMMCost`, with tiles counted over all experts and no split:
///
///     w = experts · ⌈rows/bm⌉ ⌈N/bn⌉ / SM
///     t = t₀ + (experts − 1) tₑ [training] + (computeᵖ + memoryᵖ)^(1/p),   p = 2.09
///
/// The rate is that of dense products, not of fused mixture-of-experts kernels, whose fitted peaks
/// contain the overlap of permutation and activation, which are operations of their own here. Experts
/// without rows are not touched. Training stacks start a product per expert; serving stacks run one kernel
/// over all of them. A weight gradient reduces over the rows; its fp32 output is in the memory term, and
/// its profile factor is what is left beyond that: 0.82, where 0.65 counted the output twice. With shapes
/// left out of the fit, the error is 5 % in the median and 18 % at the 90th percentile.
///
/// - Precondition: the device has the product's format.
public func groupedGEMMCost(
  of product: GroupedMatrixMultiply, on device: Device, for use: KernelUse = .training
) -> KernelCost {
  let rates = device.rates.groupedGEMM
  let active = Double(min(product.groups, max(product.rows, 1)))
  let shape = GroupShape(product, active: active)
  let factor = product.isWeightGradient ? rates.weightGradientFactor : 1
  let rate =
    factor
    * droopedRate(
      achievable(product.format, rates.achievable, device), droop: rates.droop,
      work: product.flops)
  let (compute, tiling) = fastestTiling(
    shape, groups: active, rate: rate, multiprocessors: device.multiprocessors)
  let memory = Seconds(shape.bytes / rates.bandwidth.bytesPerSecond)
  let launches = use == .training ? active : 1
  let latency = rates.latency + (launches - 1) * rates.latencyPerGroup
  return KernelCost(
    duration: latency + overlapped(compute, memory, exponent: 2.09), compute: compute,
    memory: memory,
    latency: latency, tiling: tiling)
}

/// The product of one group, and the bytes of all.
private struct GroupShape {
  let rows, columns, inner: Double
  let bytes: Double

  init(_ product: GroupedMatrixMultiply, active: Double) {
    let rowsOfGroup = Double(product.rows) / active
    let width = Double(product.format.width)
    let output = Double(product.outputWidth)
    let (m, n, k) = (Double(product.rows), Double(product.columns), Double(product.inner))
    if product.isWeightGradient {
      (rows, columns, inner) = (n, k, rowsOfGroup)
      bytes = m * (n + k) * width + Double(product.groups) * n * k * output
    } else {
      (rows, columns, inner) = (rowsOfGroup, n, k)
      bytes = active * n * k * width + m * k * width + m * n * output
    }
  }
}

private func fastestTiling(
  _ shape: GroupShape, groups: Double, rate: Throughput, multiprocessors: Int
) -> (time: Seconds, tiling: Tiling) {
  let model = TileModel.grouped
  var best = Seconds(.infinity)
  var tiling = Tiling(tile: model.tiles[0], splits: 1, waves: 1)
  for tile in model.tiles {
    let tiles =
      groups * parts(of: shape.rows, by: tile.rows) * parts(of: shape.columns, by: tile.columns)
    let waves = model.waves(tiles: tiles, multiprocessors: multiprocessors)
    let time = model.time(
      tile: tile, waves: waves, inner: shape.inner, rate: rate, multiprocessors: multiprocessors)
    if time < best {
      best = time
      tiling = Tiling(tile: tile, splits: 1, waves: waves)
    }
  }
  return (best, tiling)
}

public import Graph
public import Hardware
import Units

/// The time of a dense matrix product, by the best of the tiles and splits that libraries use.
///
///     e(tile) = (1 + cₜ(1/256 + 1/128)) / (1 + cₜ(1/bm + 1/bn))
///     w       = ⌈M/bm⌉ ⌈N/bn⌉ s / SM,   waves = max(1, (1 − q) w + q ⌈w⌉)
///     compute = waves · 2 bm bn (K/s + k₀) SM / (P e)
///     operand = max(M K + K N, o SM (bm + bn) K/s) bytes(in) / BW
///     result  = M N bytes(out) / BW
///     t       = t₀ + min over tile, s of
///               (computeᵖ + (operand + (1 − φ) result)ᵖ)^(1/p) + φ result + split cost
///
/// A multiprocessor loads no faster than its share of the bandwidth, so few tiles stream slowly; part
/// of the result is written after the last product. A batch multiplies tiles and bytes. Gradients are
/// products with permuted dimensions.
///
/// With shapes left out of the fit, the error is 6 % in the median and 23 % at the 90th percentile;
/// 5 % and 17 % above 1,024 rows.
///
/// - Precondition: the device has the product's format.
public func denseGEMMCost(
  of product: MatrixMultiply, on device: Device, under conditions: KernelConditions = .step
) -> KernelCost {
  let rates = device.rates.gemm
  let isBlockScaled = product.format == .fp8 && conditions.isBlockScaled
  let peak =
    isBlockScaled
    ? rates.blockScaled ?? achievable(product.format, rates.achievable, device)
    : achievable(product.format, rates.achievable, device)
  let rate = droopedRate(peak, droop: rates.droop, work: product.flops)
  let traffic = GEMMTraffic(product, on: device, isRepeated: conditions.isRepeated)
  let best = fastestTiling(of: product, rate: rate, traffic: traffic, device: device)
  let latency = rates.latency + best.adding
  return KernelCost(
    duration: rates.latency + best.time, compute: best.compute, memory: best.memory,
    latency: latency, tiling: best.tiling)
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

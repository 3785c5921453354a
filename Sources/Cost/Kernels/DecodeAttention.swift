public import Graph
public import Hardware
import Units

/// The time of attention of one new token per sequence against a filled KV cache.
///
///     bytes = B L H_kv (d_k + d_v) width + 2 B H (d_k + d_v)
///     items = B H_kv ⌈L/256⌉,   occupancy = min(1, items / (o SM))
///     round = w · B H_kv (1 + H/(48 H_kv)) / SM
///     t     = t₀ + ((bytes/(BW occupancy))ᵖ + (4 B H_kv max(H/H_kv, 16) L D / P)ᵖ + roundᵖ)^(1/p)
///             + (items < SM: c min(L, 4096)/1024) + h (⌈H/(32 H_kv)⌉ − 1),   p = 1.89
///
/// Many short sequences cost rounds over the multiprocessors, however few bytes they have (`w`).
/// Benchmarks repeat a kernel on one cache, which then waits in L2 up to 0.7 of its size.
/// With one key-value head that is wider than its value (multi-head latent attention in its absorbed
/// form) keys and values are the same latents, which are read once, at rates of their own. A window
/// limits `L`. 6 % in the median and 21 % at the 90th percentile with shapes left out of the fit.
public func decodeAttentionCost(
  of kernel: AttentionKernel, on device: Device, under conditions: KernelConditions = .step
) -> KernelCost {
  let rates = device.rates.decodeAttention
  let isLatent = kernel.keyValueHeads == 1 && kernel.queryKeyDimension > kernel.valueDimension
  let length = Double(min(kernel.keyLength, kernel.window ?? kernel.keyLength))
  let batch = Double(kernel.batch)
  let groups = batch * Double(kernel.keyValueHeads)
  let width = Double(kernel.queryKeyDimension + kernel.valueDimension)
  let cachedWidth = isLatent ? Double(kernel.queryKeyDimension) : width

  let cache = groups * length * cachedWidth * Double(kernel.format.width)
  let bytes = cache + 2 * batch * Double(kernel.heads) * width
  let items = groups * (length / 256).rounded(.up)
  let multiprocessors = Double(device.multiprocessors)
  let occupancy = min(1, items / (rates.saturation * multiprocessors))
  let bandwidth = isLatent ? rates.latentBandwidth : rates.bandwidth
  let streaming =
    conditions.isRepeated
    ? streamingTime(
      bytes: bytes, memory: bandwidth, cache: rates.cacheBandwidth,
      capacity: device.levelTwoCache, copies: 1 / 0.7, exponent: 3.3)
    : Seconds(bytes / bandwidth.bytesPerSecond)
  let memory = (1 / occupancy) * streaming

  let sharing = max(Double(kernel.heads) / Double(kernel.keyValueHeads), 16)
  let products =
    FLOPs(2 * groups * sharing * length * width)
    / (isLatent ? rates.latentCompute : rates.compute)
  let perKeyHead = Double(kernel.heads) / Double(kernel.keyValueHeads)
  let rounds = groups * (1 + perKeyHead / 48) / multiprocessors
  let compute = overlapped(products, rounds * rates.roundLatency, exponent: overlap)
  let scan = items < multiprocessors ? min(length, 4096) / 1024 * rates.scanLatency : .zero
  let tiles = isLatent ? 0 : (perKeyHead / 32).rounded(.up) - 1
  let latency = rates.latency + scan + tiles * rates.headTileLatency
  return KernelCost(
    duration: latency + overlapped(memory, compute, exponent: overlap), compute: compute,
    memory: memory, latency: latency)
}

/// How well products, loads and rounds overlap, fitted over all GPUs.
private let overlap = 1.89

public import Graph
public import Hardware
import Units

/// The time of attention of one new token per sequence against a filled KV cache.
///
///     bytes = B L H_kv (d_k + d_v) width + 2 B H (d_k + d_v)
///     items = B H_kv ⌈L/256⌉,   occupancy = min(1, items / (o SM))
///     t     = t₀ + ((bytes/(BW occupancy))³ + (4 B H_kv max(H/H_kv, 16) L D / P)³)^⅓
///             + (items < SM: c min(L, 4096)/1024)
///
/// With one key-value head that is wider than its value (multi-head latent attention in its absorbed
/// form) keys and values are the same latents, which are read once, at rates of their own. A window
/// limits `L`. 8 % in the median and 23 % at the 90th percentile on unseen shapes.
public func decodeAttentionCost(of kernel: AttentionKernel, on device: Device) -> KernelCost {
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
  let memory = Seconds(bytes / (bandwidth.bytesPerSecond * occupancy))

  let sharing = max(Double(kernel.heads) / Double(kernel.keyValueHeads), 16)
  let compute =
    FLOPs(2 * groups * sharing * length * width)
    / (isLatent ? rates.latentCompute : rates.compute)
  let scan = items < multiprocessors ? min(length, 4096) / 1024 * rates.scanLatency : .zero
  return KernelCost(
    duration: rates.latency + overlapped(memory, compute, exponent: 3) + scan, compute: compute,
    memory: memory, latency: rates.latency + scan)
}

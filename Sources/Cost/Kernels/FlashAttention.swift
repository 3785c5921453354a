public import Graph
public import Hardware
import Units

/// The time of an attention kernel: decode for one query per sequence, flash attention otherwise.
///
/// - Precondition: a backward kernel belongs to training.
public func attentionCost(
  of kernel: AttentionKernel, on device: Device, for use: KernelUse
) -> KernelCost {
  if kernel.queryLength == 1 { return decodeAttentionCost(of: kernel, on: device) }
  let cost = flashAttentionCost(of: kernel, on: device, for: use)
  guard let other = kernel.otherZigzagHalf else { return cost }
  // Both kinds run in every step of the ring, whose next hop waits for the slower.
  let alternative = flashAttentionCost(of: other, on: device, for: use)
  return alternative.duration > cost.duration ? alternative : cost
}

extension AttentionKernel {
  /// The step of a ring as the ranks of earlier tokens run it: half of the queries, all keys.
  var otherZigzagHalf: AttentionKernel? {
    guard isZigzagHalf else { return nil }
    return AttentionKernel(
      batch: batch, heads: heads, keyValueHeads: keyValueHeads,
      queryLength: max(1, queryLength / 2), keyLength: 2 * keyLength,
      queryKeyDimension: queryKeyDimension, valueDimension: valueDimension, isCausal: isCausal,
      window: window, isBackward: isBackward, format: format)
  }
}

/// The time of flash attention over whole sequences, forward or backward.
///
///     unit    = 4 · 128 · 128 · D · (2.5 backward),   D = (d_qk + d_v) / 2
///     rate    = P/SM · D/(D + h) · (128 + h)/128          small heads lose to softmax
///     average = B H blocks unit / SM,   longest = blocks of the longest row · unit
///     compute = (max(longest, average + tail) + one block) / rate
///     t       = t₀ + (compute⁴ + (bytes/BW)⁴)^¼
///
/// The tail is a quarter of the longest row when causal and half of it otherwise, once there are more
/// rows than multiprocessors. Training forward is within 6 % in the median on unseen shapes, backward
/// 13 %, serving 15 %.
public func flashAttentionCost(
  of kernel: AttentionKernel, on device: Device, for use: KernelUse
) -> KernelCost {
  precondition(!kernel.isBackward || use == .training, "serving has no backward attention")
  let rates = rates(of: kernel, on: device, for: use)
  let blocks = AttentionBlocks(of: kernel)
  let multiprocessors = Double(device.multiprocessors)
  let dimension = Double(kernel.queryKeyDimension + kernel.valueDimension) / 2
  let side = Double(AttentionBlocks.side)
  let unit = 4 * side * side * dimension * (kernel.isBackward ? 2.5 : 1)

  let heads = Double(kernel.batch * kernel.heads)
  let average = heads * Double(blocks.total) * unit / multiprocessors
  let longest = Double(blocks.longest) * unit
  let fillsDevice = heads * Double(blocks.queryBlocks) > multiprocessors
  let tail = fillsDevice ? longest / (kernel.isCausal ? 4 : 2) : 0
  let peak = kernel.format == .fp8 ? rates.eightBit ?? rates.sixteenBit : rates.sixteenBit
  let softmax = rates.softmaxElements
  let rate =
    dimension / (dimension + softmax) * (128 + softmax) / 128 / multiprocessors * peak
  let compute = FLOPs(max(longest, average + tail) + unit) / rate

  let memory =
    Seconds(traffic(of: kernel, for: use, dimension) / rates.bandwidth.bytesPerSecond)
  return KernelCost(
    duration: rates.latency + overlapped(compute, memory, exponent: 4), compute: compute,
    memory: memory, latency: rates.latency)
}

private func rates(
  of kernel: AttentionKernel, on device: Device, for use: KernelUse
) -> FlashAttentionRates {
  switch use {
  case .serving: device.rates.prefillAttention
  case .training:
    kernel.isBackward ? device.rates.attentionBackward : device.rates.attentionForward
  }
}

/// Queries, outputs, keys and values once each, backward 2.5 times; serving also writes its cache.
private func traffic(
  of kernel: AttentionKernel, for use: KernelUse, _ dimension: Double
) -> Double {
  let width = 2 * dimension * Double(kernel.format.width)
  let queries = Double(kernel.batch * kernel.heads * kernel.queryLength)
  let keys = Double(kernel.batch * kernel.keyValueHeads * kernel.keyLength)
  let passes = kernel.isBackward ? 2.5 : 1
  let cache = Double(kernel.batch * kernel.keyValueHeads * kernel.queryLength) * 4 * dimension
  return passes * width * (queries + keys) + (use == .serving ? cache : 0)
}

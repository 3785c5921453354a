public import Graph
public import Hardware
import Units

/// The time of an attention kernel: decode for one query per sequence, flash attention otherwise.
///
/// - Precondition: a backward kernel belongs to training.
public func attentionCost(
  of kernel: AttentionKernel, on device: Device, for use: KernelUse,
  under conditions: KernelConditions = .step
) -> KernelCost {
  if kernel.queryLength == 1 {
    return decodeAttentionCost(of: kernel, on: device, under: conditions)
  }
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
///     compute = (max(longest, average + τ longest) + r unit) / rate
///     t       = t₀ + (computeᵖ + (bytes/BW)ᵖ)^(1/p)
///
/// The tail `τ` counts once there are more rows than multiprocessors. `P` droops with the work as that of
/// matrix products. Backward kernels lose rate on heads wider than 128, and some of 8 bits compute
/// masked blocks. With shapes left out of the fit, training forward is within 4 % in the median and 13 %
/// at the 90th percentile, backward 4 % and 12 %, serving 8 % and 30 %.
public func flashAttentionCost(
  of kernel: AttentionKernel, on device: Device, for use: KernelUse
) -> KernelCost {
  precondition(!kernel.isBackward || use == .training, "serving has no backward attention")
  let rates = rates(of: kernel, on: device, for: use)
  let shape = FlashShape(kernel, use)
  let blocks = AttentionBlocks(of: kernel)
  let multiprocessors = Double(device.multiprocessors)
  let dimension = Double(kernel.queryKeyDimension + kernel.valueDimension) / 2
  let side = Double(AttentionBlocks.side)
  let unit = 4 * side * side * dimension * (kernel.isBackward ? 2.5 : 1)

  let heads = Double(kernel.batch * kernel.heads)
  let total = visitedBlocks(of: kernel, blocks, rates)
  let average = heads * total * unit / multiprocessors
  let longest = Double(blocks.longest) * unit
  let fillsDevice = heads * Double(blocks.queryBlocks) > multiprocessors
  let tail = fillsDevice ? shape.tail * longest : 0
  let peak = droopedRate(
    peakRate(of: kernel, rates), droop: rates.droop, work: FLOPs(heads * total * unit))
  let softmax = rates.softmaxElements
  let rate =
    dimension / (dimension + softmax) * (128 + softmax) / 128 / multiprocessors * peak
  let compute = FLOPs(max(longest, average + tail) + shape.extraBlocks * unit) / rate

  let memory =
    Seconds(traffic(of: kernel, for: use, dimension) / rates.bandwidth.bytesPerSecond)
  return KernelCost(
    duration: rates.latency + overlapped(compute, memory, exponent: shape.overlap),
    compute: compute,
    memory: memory, latency: rates.latency)
}

/// Shape constants of flash attention, fitted for each kind over all GPUs.
private struct FlashShape {
  /// Share of the longest row that the last round adds.
  let tail: Double
  /// Blocks that starting and storing cost.
  let extraBlocks: Double
  /// How well products and loads overlap; serving kernels hardly do.
  let overlap: Double

  init(_ kernel: AttentionKernel, _ use: KernelUse) {
    switch (use, kernel.isBackward) {
    case (.serving, _):
      tail = kernel.isCausal ? 0.26 : 0.5
      extraBlocks = 0.29
      overlap = 1.04
    case (.training, false):
      tail = kernel.isCausal ? 0.69 : 0.45
      extraBlocks = 1.24
      overlap = 2.75
    case (.training, true):
      tail = kernel.isCausal ? 0.28 : 0.54
      extraBlocks = 1.02
      overlap = 3.7
    }
  }
}

/// Blocks of one head that are computed: the visible ones, and of the masked ones those that some
/// kernels of 8 bits do not skip.
private func visitedBlocks(
  of kernel: AttentionKernel, _ blocks: AttentionBlocks, _ rates: FlashAttentionRates
) -> Double {
  let visible = Double(blocks.total)
  guard kernel.format == .fp8 else { return visible }
  let side = AttentionBlocks.side
  let all = Double(blocks.queryBlocks * ((kernel.keyLength + side - 1) / side))
  return visible + rates.eightBitMaskedShare * max(0, all - visible)
}

private func peakRate(of kernel: AttentionKernel, _ rates: FlashAttentionRates) -> Throughput {
  if kernel.format == .fp8 { return rates.eightBit ?? rates.sixteenBit }
  return (kernel.queryKeyDimension > 128 ? rates.wideHeadShare : 1) * rates.sixteenBit
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

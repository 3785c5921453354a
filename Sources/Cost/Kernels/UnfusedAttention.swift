import Foundation
public import Graph
public import Hardware
import Units

/// The time of attention as batched products around a softmax whose scores pass through memory, as
/// stacks before 2023 ran it: causal or not, all of the square.
///
///     product = 4 µs + max(2 M N K batch / (0.75 P · min(1, K/(K + 40)) · 1.1), bytes / BW)
///     forward = QKᵀ + PV + 9 bytes per score;   backward = four products + 11 bytes per score
///
/// Head dimensions that are no multiple of 8 miss the tensor cores' alignment and take four times as
/// long.
public func unfusedAttentionCost(of kernel: AttentionKernel, on device: Device) -> KernelCost {
  let peak = device.rates.gemm.achievable.rate(of: .fp16) ?? device.peak.rate(of: .bf16)
  let rate = (peak ?? Throughput(flopsPerSecond: 1e14)).flopsPerSecond
  let bandwidth = device.rates.memoryBound.copyBandwidth.bytesPerSecond
  let queries = Double(kernel.queryLength)
  let keys = Double(kernel.keyLength)
  let matrices = Double(kernel.batch * kernel.heads)
  let dimension = Double(kernel.queryKeyDimension)
  let penalty = kernel.queryKeyDimension % 8 == 0 ? 1.0 : 4.0
  func product(_ rows: Double, _ columns: Double, _ inner: Double) -> Double {
    let efficiency = 0.75 * min(1, inner / (inner + 40)) * 1.1
    let compute = 2 * rows * columns * inner * matrices / (rate * efficiency) * penalty
    let bytes = (rows * columns + rows * inner + inner * columns) * 2 * matrices
    return 4e-6 + max(compute, bytes / bandwidth)
  }
  let scores = product(queries, keys, dimension)
  let values = product(queries, dimension, keys)
  let traffic = matrices * queries * keys * (kernel.isBackward ? 11 : 9) / bandwidth
  let products = kernel.isBackward ? scores + 3 * values : scores + values
  return KernelCost(
    duration: Seconds(products + traffic), compute: Seconds(products), memory: Seconds(traffic),
    latency: Seconds(8e-6))
}

public import Graph
public import Hardware
import Units

/// The time of a kernel that only moves data.
///
///     t = t₀ + bytes / (datasheet bandwidth · e(class))
///
/// The efficiency belongs to an implementation more than to a GPU, and knowing which kernel runs is
/// most of the error: 8 % in the median, 31 % at the 90th percentile. Data that waits in the L2 cache
/// is read faster; that is ignored.
public func memoryBoundCost(of traffic: MemoryTraffic, on device: Device) -> KernelCost {
  if let host = hostCost(of: traffic, beside: device) { return host }
  let entry = device.rates.memoryBound[MemoryKernelClass(traffic.kernel)]
  let memory = traffic.bytes / (entry.efficiency * device.memory.bandwidth)
  return KernelCost(
    duration: entry.latency + memory, compute: .zero, memory: memory, latency: entry.latency)
}

extension MemoryKernelClass {
  /// The class in profiles of a kernel in graphs.
  init(_ kernel: MemoryKernel) {
    self =
      switch kernel {
      case .norm: .norm
      case .normBackward: .normBackward
      case .add: .add
      case .dropout: .dropout
      case .rotary: .rotary
      case .activation: .activation
      case .softmax: .softmax
      case .quantize: .quantize
      case .permute: .permute
      case .unpermute: .unpermute
      case .routing: .routing
      case .embedding: .embedding
      case .crossEntropy: .crossEntropy
      case .optimizer: .optimizer
      case .cast, .hostTransfer, .hostOptimizer: .cast
      }
  }
}

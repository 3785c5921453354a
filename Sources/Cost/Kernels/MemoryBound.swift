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
///
/// - Precondition: the kernel runs on the device (`hostCost` prices the others).
public func memoryBoundCost(of traffic: MemoryTraffic, on device: Device) -> KernelCost {
  let kernel = MemoryKernelClass(traffic.kernel)
  precondition(kernel != nil, "\(traffic.kernel.rawValue) does not run on the device")
  return memoryBoundCost(of: traffic.bytes, as: kernel ?? .cast, on: device)
}

private func memoryBoundCost(
  of bytes: Bytes, as kernel: MemoryKernelClass, on device: Device
) -> KernelCost {
  let entry = device.rates.memoryBound[kernel]
  let memory = bytes / (entry.efficiency * device.memory.bandwidth)
  return KernelCost(
    duration: entry.latency + memory, compute: .zero, memory: memory, latency: entry.latency)
}

extension MemoryKernelClass {
  /// The class in profiles of a kernel in graphs; nil for what the host does.
  init?(_ kernel: MemoryKernel) {
    switch kernel {
    case .norm: self = .norm
    case .normBackward: self = .normBackward
    case .add: self = .add
    case .dropout: self = .dropout
    case .rotary: self = .rotary
    case .activation: self = .activation
    case .softmax: self = .softmax
    case .quantize: self = .quantize
    case .permute: self = .permute
    case .unpermute: self = .unpermute
    case .routing: self = .routing
    case .embedding: self = .embedding
    case .crossEntropy: self = .crossEntropy
    case .optimizer: self = .optimizer
    case .cast: self = .cast
    case .hostTransfer, .hostOptimizer: return nil
    }
  }
}

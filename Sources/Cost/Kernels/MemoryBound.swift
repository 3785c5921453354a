public import Graph
public import Hardware
import Units

/// The time of a kernel that only moves data.
///
///     t = t₀ + bytes / (datasheet bandwidth · e(class))
///
/// Fused kernels are assumed, and rows long enough to fill the device. Data that waits in the L2 cache
/// is read faster; that is ignored.
///
/// - Precondition: the kernel runs on the device (`hostCost` prices the others).
public func memoryBoundCost(of traffic: MemoryTraffic, on device: Device) -> KernelCost {
  let kernel = MemoryKernelClass(traffic.kernel)
  precondition(kernel != nil, "\(traffic.kernel.rawValue) does not run on the device")
  let entry = device.rates.memoryBound[kernel ?? .cast]
  let memory = traffic.bytes / (entry.efficiency * device.memory.bandwidth)
  return KernelCost(
    duration: entry.latency + memory, compute: .zero, memory: memory, latency: entry.latency)
}

/// The rows that a kernel works through, one thread block each, and who wrote it.
public struct MemoryRows: Hashable, Sendable {
  public let count: Int
  /// Elements of a row.
  public let width: Int
  public let author: MemoryImplementation
  /// Whether the host's launch is part of what was timed.
  public let isHostTimed: Bool

  public init(
    count: Int, width: Int, author: MemoryImplementation = .fused, isHostTimed: Bool = false
  ) {
    self.count = count
    self.width = width
    self.author = author
    self.isHostTimed = isHostTimed
  }
}

/// The time of a kernel that moves data row by row, by its author.
///
///     rounds = max(1, rows min(1, width/1032) / (c SM)),   row = rounds · width · b
///     t      = t₀ + ((bytes / (BW e))ᵖ + rowᵖ)^(1/p),      p = 2.83, c = 1.6
///
/// and the fourth-power mean of that and the host's launch where that was timed too. The efficiency
/// belongs to an implementation more than to a GPU. 8 % in the median and 25 % at the 90th percentile with
/// shapes left out of the fit.
public func memoryBoundCost(
  of traffic: MemoryTraffic, rows: MemoryRows, on device: Device
) -> KernelCost {
  let kernel = MemoryKernelClass(traffic.kernel)
  precondition(kernel != nil, "\(traffic.kernel.rawValue) does not run on the device")
  let entry = device.rates.memoryBound[kernel ?? .cast, by: rows.author]
  let memory = traffic.bytes / (min(1, entry.efficiency) * device.memory.bandwidth)
  let width = Double(rows.width)
  let blocks = Double(rows.count) * min(1, width / 1032)
  let rounds = max(1, blocks / (1.6 * Double(device.multiprocessors)))
  let row = rounds * width * entry.elementTime
  let kernelTime = entry.latency + overlapped(memory, row, exponent: 2.83)
  let host = rows.isHostTimed ? entry.hostTime : .zero
  let duration = overlapped(kernelTime, host, exponent: 4)
  return KernelCost(
    duration: duration, compute: row, memory: memory,
    latency: entry.latency + (duration - kernelTime))
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

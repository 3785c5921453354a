public import Graph
public import Hardware
import Units

/// The time of what crosses the link to the host, or runs on it; nil for kernels of the device.
///
///     t = t₀ + bytes / B
///
/// The host is shared by the GPUs of its node, so each counts on an even share of its memory.
public func hostCost(of traffic: MemoryTraffic, on host: Host) -> KernelCost? {
  let rate =
    switch traffic.kernel {
    case .hostTransfer: host.copyBandwidth
    case .hostOptimizer: host.memoryShare
    default: Bandwidth?.none
    }
  guard let rate else { return nil }
  let memory = traffic.bytes / rate
  return KernelCost(
    duration: host.copyLatency + memory, compute: .zero, memory: memory, latency: host.copyLatency)
}

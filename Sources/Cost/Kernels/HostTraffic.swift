import Graph
import Hardware
import Units

/// The time of what crosses the link to the host, or runs on it; nil for kernels of the device.
///
///     t = t₀ + bytes / B
///
/// The host is shared by the GPUs of its node, so each counts on an even share of its memory.
func hostCost(of traffic: MemoryTraffic, beside device: Device) -> KernelCost? {
  let link = HostLink(device.architecture)
  let rate: Bandwidth
  switch traffic.kernel {
  case .hostTransfer: rate = link.copy
  case .hostOptimizer: rate = link.memoryShare
  default: return nil
  }
  let memory = traffic.bytes / rate
  return KernelCost(
    duration: HostLink.latency + memory, compute: .zero, memory: memory, latency: HostLink.latency)
}

/// How a GPU reaches its host, by generation.
///
/// Line rates are those of the specifications: PCIe 4.0 ×16 31.5 GB/s, PCIe 5.0 ×16 63 GB/s per
/// direction; long pinned copies reach about 0.85 of them, a figure commonly seen and not re-read in
/// a primary source. Host memory is eight channels of DDR4-3200 or DDR5-4800 on two sockets, at 0.6 of
/// its 410 or 614 GB/s for an optimizer (estimate), among eight GPUs.
private struct HostLink {
  /// The launch and completion of one copy (estimate).
  static let latency = Seconds.microseconds(10)
  let copy: Bandwidth
  let memoryShare: Bandwidth

  init(_ architecture: Architecture) {
    switch architecture {
    case .ampere:
      copy = .gigabytesPerSecond(0.85 * 31.5)
      memoryShare = .gigabytesPerSecond(0.6 * 410 / 8)
    default:
      copy = .gigabytesPerSecond(0.85 * 63)
      memoryShare = .gigabytesPerSecond(0.6 * 614 / 8)
    }
  }
}

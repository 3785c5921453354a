public import Graph
public import Hardware
import Parallelism
import Units

/// What each work of a step takes from others while it runs: bytes from links, and multiprocessors
/// and memory bandwidth of the device.
public struct StepSharing: Hashable, Sendable {
  /// The links of the machine.
  public let links: MachineLinks
  /// By work, what each member of a collective or the sender of a message puts on the wire.
  public let traffic: [Traffic?]
  /// By work, what a kernel is made of.
  public let kernels: [SharedKernel?]
  /// Memory bandwidth that a byte on the wire takes of its device's, as a share per byte/s.
  public let memoryShare: Double

  public init(
    links: MachineLinks, traffic: [Traffic?], kernels: [SharedKernel?], memoryShare: Double
  ) {
    self.links = links
    self.traffic = traffic
    self.kernels = kernels
    self.memoryShare = memoryShare
  }

  /// What a step shares on a cluster.
  public init(graph: StepGraph, cluster: Cluster) {
    let use: KernelUse = graph.configuration.phase == .train ? .training : .serving
    let squeezed = cluster.device.lending(cluster.device.architecture.communicationMultiprocessors)
    links = MachineLinks(cluster)
    traffic = graph.works.map { work in
      switch work {
      case .collective(let collective):
        Traffic(collective, ranks: graph.grid.size(of: collective.family))
      case .transfer(let size): Traffic(bytes: Double(size.count), pattern: .message)
      default: nil
      }
    }
    kernels = graph.works.map { work in
      work.kernelCost(on: cluster.device, for: use).map { cost in
        SharedKernel(
          cost, squeezed: work.kernelCost(on: squeezed, for: use) ?? cost,
          lent: Double(squeezed.multiprocessors) / Double(cluster.device.multiprocessors))
      }
    }
    memoryShare =
      Self.memoryBytesPerWireByte / cluster.device.memory.bandwidth.bytesPerSecond
  }

  /// A ring reads what it sends and what it adds to, and writes what it receives: 3 to 4 bytes of
  /// memory per byte on the wire. Reasoned, not measured.
  private static let memoryBytesPerWireByte = 3.5
}

/// Bytes that one member of a communication puts on the wire, and where they go.
public struct Traffic: Hashable, Sendable {
  /// Who sends to whom.
  public enum Pattern: Hashable, Sendable {
    /// Each member to the next, domain after domain.
    case ring
    /// Each member to all others alike.
    case allToAll
    /// One sender to one receiver.
    case message
  }

  public let bytes: Double
  public let pattern: Pattern

  public init(bytes: Double, pattern: Pattern) {
    self.bytes = bytes
    self.pattern = pattern
  }

  /// What the bandwidth-optimal algorithms move: `(n − 1) / n` of the larger side, twice that for an
  /// all-reduce.
  ///
  /// - SeeAlso: NVIDIA, nccl-tests, `doc/PERFORMANCE.md` (bus bandwidth).
  init(_ collective: Collective, ranks: Int) {
    let others = Double(ranks - 1) / Double(ranks)
    let input = Double(collective.input.count)
    switch collective.operation {
    case .allReduce: self.init(bytes: 2 * others * input, pattern: .ring)
    case .allGather:
      self.init(bytes: others * Double(collective.output.count), pattern: .ring)
    case .reduceScatter: self.init(bytes: others * input, pattern: .ring)
    case .broadcast, .ringExchange: self.init(bytes: input, pattern: .ring)
    case .allToAll: self.init(bytes: others * input, pattern: .allToAll)
    }
  }
}

/// What a kernel takes, alone and beside communication.
public struct SharedKernel: Hashable, Sendable {
  /// In seconds: all of it, its arithmetic alone, its memory traffic alone, and its arithmetic on the
  /// multiprocessors that communication leaves.
  public let duration, compute, memory, squeezedCompute: Double

  public init(duration: Double, compute: Double, memory: Double, squeezedCompute: Double) {
    self.duration = duration
    self.compute = compute
    self.memory = memory
    self.squeezedCompute = squeezedCompute
  }

  /// - Parameter lent: the multiprocessors of the squeezed device over those of the whole. Rates
  ///   are of whole devices, so fewer multiprocessors do as much less in a wave.
  init(_ alone: KernelCost, squeezed: KernelCost, lent: Double) {
    self.init(
      duration: alone.duration.value, compute: alone.compute.value, memory: alone.memory.value,
      squeezedCompute: max(alone.compute.value, squeezed.compute.value / lent))
  }

  /// The speed beside communication as a part of the speed alone: the term that binds grows.
  ///
  /// - Parameter memoryTaken: the share of memory bandwidth that communication takes, from 0 to 1.
  public func pace(memoryTaken: Double) -> Double {
    let left = max(0.1, 1 - memoryTaken)
    let more = max(squeezedCompute, memory / left) - max(compute, memory)
    return duration > 0 ? duration / (duration + max(0, more)) : 1
  }
}

extension Architecture {
  /// Multiprocessors that a collective of NCCL holds: one per channel of the communicator on one node.
  ///
  /// - SeeAlso: NVIDIA/nccl 2.30, `src/graph`: 24 channels on A100 and H100, 32 on B200.
  public var communicationMultiprocessors: Int {
    switch self {
    case .ampere, .hopper: 24
    case .blackwell: 32
    }
  }
}

extension Device {
  /// The same device with fewer multiprocessors.
  fileprivate func lending(_ count: Int) -> Device {
    Device(
      name: name, architecture: architecture, multiprocessors: max(1, multiprocessors - count),
      peak: peak, memory: memory, levelTwoCache: levelTwoCache,
      sustained: sustained, presets: presets, rates: rates)
  }
}

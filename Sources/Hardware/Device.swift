public import Units

/// A generation of GPUs, by NVIDIA's compute capability.
public enum Architecture: String, Hashable, Sendable, CaseIterable {
  case ampere
  case hopper
  case blackwell

  /// The number in `sm_80`, `sm_90` and `sm_100`.
  @inlinable public var capability: Int {
    switch self {
    case .ampere: 80
    case .hopper: 90
    case .blackwell: 100
    }
  }
}

/// One GPU: what its datasheet promises and what its kernels reach.
public struct Device: Hashable, Sendable {
  public let name: String
  /// The generation whose rules for collectives apply; Ada parts follow Ampere's.
  public let architecture: Architecture
  /// Streaming multiprocessors, each of which runs one tile of a matrix product at a time.
  public let multiprocessors: Int
  /// Dense peak of the tensor cores, without sparsity.
  public let peak: FormatRates
  public let memory: DeviceMemory
  public let levelTwoCache: Bytes
  /// What products take inside a step, over what they take in a benchmark: clocks under sustained load.
  public let sustained: SustainedFactors
  /// The sets of kernel rates that measurements support; the first is the default.
  public let presets: [KernelRates]
  /// The set that costs use.
  public let rates: KernelRates

  /// - Precondition: there is at least one preset.
  public init(
    name: String, architecture: Architecture, multiprocessors: Int, peak: FormatRates,
    memory: DeviceMemory, levelTwoCache: Bytes, sustained: SustainedFactors = .init(),
    presets: [KernelRates], rates: KernelRates? = nil
  ) {
    precondition(!presets.isEmpty, "a device has at least one set of rates")
    self.name = name
    self.architecture = architecture
    self.multiprocessors = multiprocessors
    self.peak = peak
    self.memory = memory
    self.levelTwoCache = levelTwoCache
    self.sustained = sustained
    self.presets = presets
    self.rates = rates ?? presets[0]
  }

  /// The same device with another of its sets of rates.
  ///
  /// - Throws: `.unknownRates` when there is none of that name.
  public func usingRates(_ name: String) throws(ProfileError) -> Device {
    guard let rates = presets.first(where: { $0.name == name }) else {
      let known = presets.map(\.name)
      throw .unknownRates(
        device: self.name, name: name, suggestion: nearestSpelling(to: name, among: known),
        known: known)
    }
    return using(rates)
  }

  /// The same device with other rates.
  public func using(_ rates: KernelRates) -> Device {
    Device(
      name: name, architecture: architecture, multiprocessors: multiprocessors, peak: peak,
      memory: memory, levelTwoCache: levelTwoCache, sustained: sustained, presets: presets,
      rates: rates)
  }
}

/// The device's own memory (HBM).
public struct DeviceMemory: Hashable, Sendable {
  /// What the driver reports.
  public let capacity: Bytes
  /// What is left for tensors after the driver's context and the collective library's buffers.
  public let usable: Bytes
  /// The datasheet's rate.
  public let bandwidth: Bandwidth

  public init(capacity: Bytes, usable: Bytes, bandwidth: Bandwidth) {
    self.capacity = capacity
    self.usable = usable
    self.bandwidth = bandwidth
  }
}

/// A rate for each number format.
public struct FormatRates: Hashable, Sendable {
  public let bf16: Throughput
  public let fp16: Throughput
  /// Nil on devices without fp8 tensor cores.
  public let fp8: Throughput?
  /// On tensor cores with inputs rounded to TF32.
  public let fp32: Throughput

  public init(bf16: Throughput, fp16: Throughput, fp8: Throughput?, fp32: Throughput) {
    self.bf16 = bf16
    self.fp16 = fp16
    self.fp8 = fp8
    self.fp32 = fp32
  }

  /// The rate of a format; nil where the device has none.
  @inlinable public func rate(of format: NumericFormat) -> Throughput? {
    switch format {
    case .bf16: bf16
    case .fp16: fp16
    case .fp8: fp8
    case .fp32: fp32
    }
  }
}

/// Time of products inside a step over their time in a benchmark, by the format of their operands.
public struct SustainedFactors: Hashable, Sendable {
  public var sixteenBit: Double
  public var eightBit: Double
  /// Eight bits with a scale per block.
  public var blockScaled: Double

  public init(sixteenBit: Double = 1, eightBit: Double = 1, blockScaled: Double = 1) {
    self.sixteenBit = sixteenBit
    self.eightBit = eightBit
    self.blockScaled = blockScaled
  }
}

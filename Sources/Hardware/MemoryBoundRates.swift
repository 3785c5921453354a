public import Units

/// The classes of memory-bound kernels that measurements tell apart.
public enum MemoryKernelClass: String, Hashable, Sendable, CaseIterable {
  case norm
  case normBackward = "norm_backward"
  case add, dropout, rotary, activation, softmax, quantize, permute, unpermute, routing, embedding
  case crossEntropy = "cross_entropy"
  case optimizer, cast

  /// Position in `allCases`, which is the position in a table of rates.
  @usableFromInline var index: Int {
    switch self {
    case .norm: 0
    case .normBackward: 1
    case .add: 2
    case .dropout: 3
    case .rotary: 4
    case .activation: 5
    case .softmax: 6
    case .quantize: 7
    case .permute: 8
    case .unpermute: 9
    case .routing: 10
    case .embedding: 11
    case .crossEntropy: 12
    case .optimizer: 13
    case .cast: 14
    }
  }
}

/// How well kernels that only move data use the memory.
public struct MemoryBoundRates: Hashable, Sendable {
  /// What one class of kernels reaches.
  public struct Entry: Hashable, Sendable {
    /// Share of the datasheet bandwidth.
    public let efficiency: Double
    /// Start and drain; two kernels where the class needs two.
    public let latency: Seconds

    public init(efficiency: Double, latency: Seconds) {
      self.efficiency = efficiency
      self.latency = latency
    }
  }

  /// What a long copy reaches.
  public let copyBandwidth: Bandwidth
  private let entries: [Entry]

  /// - Precondition: one entry for each case of `MemoryKernelClass`, in order.
  public init(copyBandwidth: Bandwidth, entries: [Entry]) {
    precondition(
      entries.count == MemoryKernelClass.allCases.count, "one entry per class of kernels")
    self.copyBandwidth = copyBandwidth
    self.entries = entries
  }

  public subscript(kernel: MemoryKernelClass) -> Entry { entries[kernel.index] }
}

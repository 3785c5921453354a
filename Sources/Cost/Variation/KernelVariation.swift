/// How much longer the kernels of each rank take than they should, in one sample of the random factors.
///
/// A kernel of `d` picoseconds takes `d + ⟨d · (f − 1)⟩` on a rank, `⟨⟩` to the nearest whole; a factor
/// of 1 adds exactly nothing.
public struct KernelVariation: Hashable, Sendable {
  /// By rank, the factor on all of its kernels.
  public let factors: [Double]
  /// What scatters kernel by kernel; nil where nothing does.
  public let scatter: KernelScatter?
  private let slowness: [Double]
  private let jitter: Jitter?

  /// - Parameters:
  ///   - slowness: by rank, the factor that is known.
  ///   - jitter: the factors that are drawn.
  ///   - sample: which of the draws of a seed.
  public init(slowness: [Double], jitter: Jitter? = nil, sample: Int = 0) {
    self.slowness = slowness
    self.jitter = jitter
    factors = Self.factors(slowness, jitter, sample)
    scatter = jitter.flatMap {
      $0.kernel > 0
        ? KernelScatter(
          levels: LogNormal(deviation: $0.kernel).levels, key: $0.key(sample, .kernels)) : nil
    }
  }

  /// The same ranks with other draws.
  public func resampled(_ sample: Int) -> KernelVariation {
    KernelVariation(self, sample: sample)
  }

  private init(_ other: KernelVariation, sample: Int) {
    slowness = other.slowness
    jitter = other.jitter
    factors = Self.factors(slowness, jitter, sample)
    scatter = other.scatter.flatMap { scatter in
      other.jitter.map { KernelScatter(levels: scatter.levels, key: $0.key(sample, .kernels)) }
    }
  }

  private static func factors(_ slowness: [Double], _ jitter: Jitter?, _ sample: Int) -> [Double] {
    guard let jitter, jitter.rank > 0 else { return slowness }
    let distribution = LogNormal(deviation: jitter.rank)
    let key = jitter.key(sample, .ranks)
    return slowness.enumerated().map { rank, factor in
      factor * distribution.quantile(CounterHash.uniform(key, at: rank))
    }
  }

  /// What a kernel takes.
  ///
  /// - Parameters:
  ///   - duration: what it should take, in picoseconds.
  ///   - operation: its index in the rank's program.
  @inlinable public func duration(_ duration: Int64, ofOperation operation: Int, on rank: Int)
    -> Int64
  {
    var factor = factors[rank]
    if let scatter {
      let row = scatter.key(ofOperation: operation)
      factor *= scatter.levels[KernelScatter.level(row, rank: rank)]
    }
    return duration &+ nearest(Double(duration) * (factor - 1))
  }

  /// The factor that no kernel exceeds.
  public var largestFactor: Double {
    (factors.max() ?? 1) * max(1, scatter?.levels.last ?? 1)
  }
}

/// Factors drawn for each kernel on each rank.
public struct KernelScatter: Hashable, Sendable {
  /// Equally likely factors, in increasing order: 65,536 of them.
  public let levels: [Double]
  @usableFromInline let key: UInt64

  /// Where the draws of one operation begin, for `level`.
  @inlinable public func key(ofOperation operation: Int) -> UInt64 {
    CounterHash.bits(key, at: operation)
  }

  /// The index of a rank's level.
  @inlinable
  @inline(__always)
  public static func level(_ row: UInt64, rank: Int) -> Int {
    Int(truncatingIfNeeded: CounterHash.bits(row, at: rank) >> 48)
  }
}

/// The whole number nearest to one of a magnitude below 2⁵¹; halves go to even.
///
/// At 2⁵² and a half a double has no fraction left, so adding that much rounds, and the low bits are the
/// number. Loops that do this run over several columns at once, where `rounded()` is a call.
@inlinable
@inline(__always)
public func nearest(_ value: Double) -> Int64 {
  let shift = 0x1.8p52
  return Int64(bitPattern: (value + shift).bitPattern &- shift.bitPattern)
}

extension Jitter {
  fileprivate enum Use: Int { case kernels, ranks }

  /// Where the draws of a sample begin.
  fileprivate func key(_ sample: Int, _ use: Use) -> UInt64 {
    CounterHash.bits(CounterHash.bits(seed, at: sample), at: use.rawValue)
  }
}

/// How the ranks of a step differ: what the user says, before it is priced.
///
/// An even variation changes nothing, to the picosecond.
public struct StepVariation: Hashable, Sendable {
  /// Ranks and nodes whose kernels take longer; factors of one rank multiply.
  public var slow: [SlowPart]
  /// Rails whose NICs have lost bandwidth; shares of one rail multiply.
  public var degraded: [DegradedRail]
  /// How kernels scatter; nil where they always take the same.
  public var jitter: Jitter?
  /// What each expert is asked for; nil where all are asked alike.
  public var expertLoad: ExpertLoad?

  public init(
    slow: [SlowPart] = [], degraded: [DegradedRail] = [], jitter: Jitter? = nil,
    expertLoad: ExpertLoad? = nil
  ) {
    self.slow = slow
    self.degraded = degraded
    self.jitter = jitter
    self.expertLoad = expertLoad
  }

  /// Every rank alike.
  public static let even = StepVariation()

  /// Whether nothing is said that could make ranks differ.
  public var isEven: Bool { self == .even }
}

/// GPUs whose kernels all take longer by one factor.
public struct SlowPart: Hashable, Sendable {
  /// Which GPUs.
  public enum Place: Hashable, Sendable {
    case rank(Int)
    /// All ranks of a node; ranks fill nodes in order.
    case node(Int)
  }

  public let place: Place
  /// What a kernel takes over what it should; below 1 for a faster GPU.
  public let factor: Double

  public init(_ place: Place, factor: Double) {
    self.place = place
    self.factor = factor
  }
}

/// A rail on which the NIC of every node runs below its speed.
///
/// A collective between nodes is cut evenly over the NICs of its members, so the slowest of them rules;
/// it is priced as if all were that slow. NCCL's choice of another way around is not modelled.
public struct DegradedRail: Hashable, Sendable {
  public let rail: Int
  /// What is left of the bandwidth, above 0 and at most 1.
  public let share: Double

  public init(rail: Int, share: Double) {
    self.rail = rail
    self.share = share
  }
}

/// Random factors on what kernels take, log-normal with mean 1: they slow a step only where ranks wait
/// for each other.
public struct Jitter: Hashable, Sendable {
  /// Standard deviation of the logarithm of a factor drawn for each kernel on each rank.
  public let kernel: Double
  /// The same for a factor drawn once per rank: GPUs of one type differ in clock and cooling.
  public let rank: Double
  /// Where the random numbers begin; the same seed gives the same step.
  public let seed: UInt64

  public init(kernel: Double = 0, rank: Double = 0, seed: UInt64 = 1) {
    self.kernel = kernel
    self.rank = rank
    self.seed = seed
  }
}

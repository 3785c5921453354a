public import Units

/// The time of one kernel, with the terms that make it up.
public struct KernelCost: Hashable, Sendable {
  /// From start to end on an otherwise idle GPU.
  public let duration: Seconds
  /// What the arithmetic alone takes, wave rounding included.
  public let compute: Seconds
  /// What the memory traffic alone takes.
  public let memory: Seconds
  /// Start, drain and everything else that does not shrink with the work.
  public let latency: Seconds
  /// How a matrix product was cut; nil for other kernels.
  public let tiling: Tiling?

  public init(
    duration: Seconds, compute: Seconds, memory: Seconds, latency: Seconds, tiling: Tiling? = nil
  ) {
    self.duration = duration
    self.compute = compute
    self.memory = memory
    self.latency = latency
    self.tiling = tiling
  }
}

/// How a matrix product is cut into tiles that run on one multiprocessor each.
public struct Tiling: Hashable, Sendable {
  public let tile: Tile
  /// Parts of the inner dimension that are computed apart and added.
  public let splits: Int
  /// Rounds over all multiprocessors; a part of a round costs most of a whole one.
  public let waves: Double
}

/// Rows and columns of the output that one multiprocessor computes at a time.
public struct Tile: Hashable, Sendable {
  public let rows: Int
  public let columns: Int
}

/// The `p`-norm of two terms: between their sum and their maximum, as kernels overlap them.
func overlapped(_ a: Seconds, _ b: Seconds, exponent: Double) -> Seconds {
  Seconds(root(power(a.value, exponent) + power(b.value, exponent), exponent))
}

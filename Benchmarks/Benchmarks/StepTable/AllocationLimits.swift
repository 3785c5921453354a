import StepStages

/// How often each stage may allocate: counts hardly differ between machines, unlike times.
struct AllocationLimits {
  private let size: StepSize

  init(_ size: StepSize) { self.size = size }

  /// - Throws: for the first stage that allocates more often than it may, or that has no limit.
  func check(_ measurements: [Measurement]) throws {
    for measurement in measurements {
      guard let limit = Self.limits[measurement.name] else {
        throw LimitError.unknown(stage: measurement.name, found: measurement.allocations)
      }
      let most = size == .full ? limit.full : limit.tiny
      guard measurement.allocations <= most else {
        throw LimitError.exceeded(
          stage: measurement.name, found: measurement.allocations, limit: most)
      }
    }
  }

  /// A tenth above what was counted when they were set.
  private static let limits: [String: (full: Int, tiny: Int)] = [
    "rank grid: coordinates of 16,384 ranks": (full: 11, tiny: 15),
    "rank grid: members of every group of 16,384 ranks": (full: 2_151_711, tiny: 2_151_707),
    "lower: flagship": (full: 47175, tiny: 46785),
    "price: flagship": (full: 9702, tiny: 523),
    "simulate: flagship, event-driven": (full: 54791, tiny: 7080),
    "simulate: flagship, event-driven with contention": (full: 126594, tiny: 9046),
    "simulate: flagship, run-ahead": (full: 171, tiny: 181),
    "simulate: flagship, folded": (full: 921, tiny: 499),
    "simulate: flagship without launches, run-ahead, for comparison": (full: 171, tiny: 146),
    "simulate: flagship without launches, event-driven, for comparison": (full: 54791, tiny: 7062),
    "fold: flagship on 16,384 ranks": (full: 23354, tiny: 303),
    "simulate: flagship without launches, explicit graph, C++ -O3 binary heap": (
      full: 26, tiny: 21
    ),
    "simulate: flagship on 16,384 ranks, run-ahead, result only": (full: 183, tiny: 167),
    "evaluate one folded plan: Llama-3-70B TP4 PP8 DP2, 64 microbatches": (
      full: 45852, tiny: 33710
    ),
    "analyse: breakdown of the flagship": (full: 292, tiny: 276),
    "analyse: critical path of the flagship": (full: 949, tiny: 429),
    "analyse: slack of the flagship": (full: 397, tiny: 389),
    "render: timeline of the flagship as SVG": (full: 158918, tiny: 174685),
  ]
}

enum LimitError: Error, CustomStringConvertible {
  case unknown(stage: String, found: Int)
  case exceeded(stage: String, found: Int, limit: Int)

  var description: String {
    switch self {
    case .unknown(let stage, let found):
      "\(stage) has no limit of allocations; it made \(found)"
    case .exceeded(let stage, let found, let limit):
      "\(stage) made \(found) allocations, more than its limit of \(limit)"
    }
  }
}

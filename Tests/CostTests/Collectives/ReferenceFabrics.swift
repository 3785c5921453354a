import Hardware
import Units

@testable import Cost

/// The machines of the published measurements.
extension CollectiveFabric {
  static func reference(
    _ generation: Architecture, links: Int, domain: Int = 8, nics: Int? = nil, gigabits: Double,
    version: NCCLVersion = .latest
  ) -> CollectiveFabric {
    CollectiveFabric(
      generation: generation, intraLink: .nvLink(links: links), domainSize: domain,
      hasNVLS: generation != .ampere, nics: nics ?? domain,
      nicBandwidth: .gigabytesPerSecond(gigabits / 8), version: version)
  }

  static let a100 = reference(.ampere, links: 12, gigabits: 200)
  static let h100 = reference(.hopper, links: 18, gigabits: 400)
  static let h800 = reference(.hopper, links: 8, gigabits: 400)
  static let b200 = reference(.blackwell, links: 18, gigabits: 400)
  static let gb200 = reference(.blackwell, links: 18, domain: 72, gigabits: 400)

  /// The reference machines, one of each kind.
  static let all = [a100, h100, h800, b200, gb200]
}

extension GroupPlacement {
  /// Ranks that fill domains of a size.
  static func full(_ ranks: Int, domain: Int = 8) -> GroupPlacement {
    GroupPlacement(
      ranks: ranks, nodes: (ranks + domain - 1) / domain, ranksPerNode: min(ranks, domain))
  }
}

extension Tuner {
  init(_ fabric: CollectiveFabric, ranks: Int) {
    self.init(fabric: fabric, placement: .full(ranks, domain: fabric.domainSize))
  }
}

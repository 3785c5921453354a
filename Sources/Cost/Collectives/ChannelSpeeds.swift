import Hardware

/// The per-channel speeds in GB/s that NCCL's search tries, fastest first (`graph/search.cc`).
enum ChannelSpeeds {
  static func intra(_ generation: Architecture, _ version: NCCLVersion) -> [Double] {
    switch generation {
    case .ampere: intraAmpere
    case .hopper: intraHopper
    case .blackwell:
      version < NCCLVersion(2, 29, 2) ? intraBlackwellWithout45 : intraBlackwell
    }
  }

  static func inter(_ generation: Architecture, _ version: NCCLVersion) -> [Double] {
    switch generation {
    case .ampere: interAmpere
    case .hopper: interHopper
    case .blackwell:
      switch version {
      case ..<NCCLVersion(2, 27, 3): interBlackwellFirst
      case ..<NCCLVersion(2, 27, 5): interBlackwellPatch3
      case ..<NCCLVersion(2, 27, 7): interBlackwellPatch5
      case ..<NCCLVersion(2, 29, 7): interBlackwellDoubled
      case ..<NCCLVersion(2, 30): interBlackwellWith80
      default: interBlackwell
      }
    }
  }

  private static let intraAmpere: [Double] = [40, 30, 20, 18, 15, 12, 10, 9, 7, 6, 5, 4, 3]
  private static let intraHopper: [Double] = [60, 50, 40, 30, 24, 20, 15, 12, 11, 6, 3]
  private static let intraBlackwell: [Double] = [90, 80, 70, 60, 50, 45, 40, 30, 24, 20, 19, 18]
  private static let intraBlackwellWithout45 = intraBlackwell.filter { $0 != 45 }

  private static let interAmpere: [Double] = [
    48, 30, 28, 24, 20, 18, 15, 12, 10, 9, 7, 6, 5, 4, 3, 2.4, 1.2, 0.24, 0.12,
  ]
  private static let interHopper: [Double] = [48, 45] + slow
  private static let interBlackwellFirst: [Double] = [48, 45] + slow
  private static let interBlackwellPatch3: [Double] = [47.9, 45] + slow
  private static let interBlackwellPatch5: [Double] = [48, 45.1] + slow
  private static let interBlackwellDoubled: [Double] = [96, 48, 45.1] + slow
  private static let interBlackwellWith80: [Double] = [96, 80, 48, 45.1] + slow
  private static let interBlackwell: [Double] = [96, 86, 80, 48, 45.1] + slow
  private static let slow: [Double] = [
    42, 40, 30, 24, 22, 20, 17.5, 15, 12, 6, 3, 2.4, 1.2, 0.24, 0.12,
  ]
}

public import Hardware

extension Architecture {
  /// The speed of one NVLink in GB/s, as a release of NCCL counts it (`topo.h`).
  func linkSpeed(in version: NCCLVersion) -> Double {
    switch self {
    case .ampere: 20
    case .hopper: version < NCCLVersion(2, 20) ? 20 : 20.6
    case .blackwell: version < NCCLVersion(2, 27, 5) ? 40 : 40.1
    }
  }

  /// Corrections fitted to published measurements of this generation.
  public var calibration: CollectiveCalibration {
    switch self {
    case .ampere: .ampere
    case .hopper: .hopper
    case .blackwell: .blackwell
    }
  }
}

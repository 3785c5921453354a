public import Units

/// Why a step cannot be priced on a cluster.
public enum CostError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A matrix product in a format that the device's tensor cores lack.
  case unsupportedFormat(device: String, format: NumericFormat, available: [NumericFormat])
  /// An operation that takes longer than the clock can count.
  case tooLong(cluster: String, duration: Seconds)

  public var description: String {
    switch self {
    case .unsupportedFormat(let device, let format, let available):
      "\(device) has no \(format.rawValue) tensor cores; choose one of "
        + available.map(\.rawValue).joined(separator: ", ")
    case .tooLong(let cluster, let duration):
      "one operation would take \(duration) on \(cluster), longer than the clock can count; check "
        + "the bandwidths and latencies of its profile"
    }
  }
}

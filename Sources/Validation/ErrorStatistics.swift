/// How far a set of predictions is from measurements: quantiles of relative errors.
///
/// The relative error is `predicted / measured − 1`: negative where the prediction is too fast.
/// Statistics of the absolute error are `nil` for an empty set.
public struct ErrorStatistics: Hashable, Sendable {
  /// Signed relative errors, in the order given.
  public let errors: [Double]
  private let sizes: [Double]

  public init(_ errors: [Double]) {
    self.errors = errors
    sizes = errors.map { abs($0) }.sorted()
  }

  public var count: Int { errors.count }

  /// The mean of the signed errors: the bias.
  public var signed: Double? { mean(of: errors) }

  /// The median of the signed errors, which no outlier moves.
  public var signedMedian: Double? { Self.quantile(0.5, of: errors.sorted()) }

  /// The mean of the absolute errors.
  public var mean: Double? { mean(of: sizes) }

  /// The median of the absolute errors.
  public var median: Double? { Self.quantile(0.5, of: sizes) }

  /// The 90th percentile of the absolute errors.
  public var p90: Double? { Self.quantile(0.9, of: sizes) }

  /// The largest absolute error.
  public var worst: Double? { sizes.last }

  private func mean(of values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// A quantile by linear interpolation between the two nearest values, as spreadsheets and numpy do.
  static func quantile(_ share: Double, of sorted: [Double]) -> Double? {
    guard let last = sorted.last else { return nil }
    let position = share * Double(sorted.count - 1)
    let below = Int(position)
    guard below + 1 < sorted.count else { return last }
    let part = position - Double(below)
    return sorted[below] * (1 - part) + sorted[below + 1] * part
  }
}

/// Statistics of predictions that share a property, such as the source of their measurements.
public struct ErrorGroup: Hashable, Sendable {
  /// What they share, for example `H100-SXM`.
  public let name: String
  public let statistics: ErrorStatistics

  public init(name: String, statistics: ErrorStatistics) {
    self.name = name
    self.statistics = statistics
  }

  /// The groups of some predictions, in the order of their names.
  ///
  /// - Parameters:
  ///   - elements: what was predicted.
  ///   - name: the group of one; nil leaves it out.
  ///   - error: its signed relative error.
  public static func groups<Element>(
    of elements: [Element], by name: (Element) -> String?, error: (Element) -> Double
  ) -> [ErrorGroup] {
    var errors: [String: [Double]] = [:]
    for element in elements {
      if let name = name(element) { errors[name, default: []].append(error(element)) }
    }
    return errors.keys.sorted().map { key in
      ErrorGroup(name: key, statistics: ErrorStatistics(errors[key] ?? []))
    }
  }
}

/// A flag as it stands on a command line or in a file.
public struct MegatronFlag: Hashable, Sendable {
  /// The name with dashes but without the leading ones, for example `num-layers`.
  public let name: String
  public let values: [String]
  public let place: MegatronPlace

  /// - Parameter name: in snake or dash case, with or without leading dashes.
  init(_ name: some StringProtocol, values: [String], at place: MegatronPlace) {
    self.name = String(name.drop { $0 == "-" }).replacing("_", with: "-")
    self.values = values
    self.place = place
  }
}

extension MegatronFlag: CustomStringConvertible {
  /// The flag as on a command line, for example `--num-layers 48`.
  public var description: String { (["--\(name)"] + values).joined(separator: " ") }
}

/// Where a flag stands.
public enum MegatronPlace: Hashable, Sendable, CustomStringConvertible {
  /// A position on a command line, from 1.
  case argument(Int)
  /// A line of a file, from 1.
  case line(file: String, Int)

  public var description: String {
    switch self {
    case .argument(let number): "argument \(number)"
    case .line(let file, let line): "\(file):\(line)"
    }
  }
}

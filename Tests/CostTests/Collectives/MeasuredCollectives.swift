import Foundation
import Graph
import Hardware
import TestSupport
import Units

@testable import Cost

/// One published measurement of an ordinary NCCL collective.
struct MeasuredCollective {
  let id: String
  let operation: CollectiveOperation
  let gpu: String
  let ranks: Int
  let nodes: Int
  let size: Bytes
  let microseconds: Double
  let fabric: CollectiveFabric
  let implementation: String

  var placement: GroupPlacement {
    GroupPlacement(
      ranks: ranks, nodes: nodes, ranksPerNode: (ranks + nodes - 1) / nodes)
  }

  var predicted: CollectiveCost {
    collectiveCost(of: operation, size: size, placement: placement, fabric: fabric)
  }

  /// Relative error of a predicted time.
  var error: Double { predicted.time.microseconds / microseconds - 1 }
}

extension MeasuredCollective {
  /// Rows of the csv that ordinary NCCL on a modelled machine should explain.
  static func load() throws -> [MeasuredCollective] {
    let text = String(decoding: try SharedData.read("collectives_measured.csv"), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline)
    return lines.dropFirst().compactMap { MeasuredCollective(fields: fields(of: $0)) }
  }

  /// Splits a line at commas outside quotes.
  static func fields(of line: Substring) -> [String] {
    var fields = [""]
    var isQuoted = false
    for character in line {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: fields.append("")
      default: fields[fields.count - 1].append(character)
      }
    }
    return fields
  }

  /// Words of special transports, plugins, forced algorithms and frameworks' own kernels.
  private static let excluded = [
    "EFA", "TCPX", "Slingshot", "tuner", "NCCL_ALGO", "forced", "SHARP", "MIN_CTAS", "custom AR",
    "NVLS", "Ring", "site-limited",
  ]

  private init?(fields: [String]) {
    let implementation = fields[13]
    let described = fields[7] + implementation
    guard !Self.excluded.contains(where: described.contains),
      let operation = fields[1] == "alltoall"
        ? .allToAll : CollectiveOperation(rawValue: fields[1]),
      let ranks = Int(fields[2]), let nodes = Int(fields[4]), let domain = Int(fields[3]),
      let bytes = Double(fields[9]), let microseconds = Double(fields[10]),
      let fabric = Self.fabric(fields[5], domain: domain, network: fields[7])
    else { return nil }
    id = fields[0]
    gpu = fields[5]
    self.operation = operation
    self.ranks = ranks
    self.nodes = nodes
    self.size = Bytes(Int(bytes))
    self.microseconds = microseconds
    self.fabric = fabric
    self.implementation = implementation
  }

  private static func fabric(
    _ gpu: String, domain: Int, network: String
  ) -> CollectiveFabric? {
    let gigabits =
      network.contains("324 Gb/s")
      ? 347.0
      : network.contains("16x100G") ? 100 : network.contains("200G") ? 200 : 400
    let nics = network.hasPrefix("16x") ? 16 : domain
    switch gpu {
    case "A100": return .reference(.ampere, links: 12, nics: nics, gigabits: min(200, gigabits))
    case "H100", "H200": return .reference(.hopper, links: 18, nics: nics, gigabits: gigabits)
    case "H800": return .h800
    case "B200": return .reference(.blackwell, links: 18, nics: nics, gigabits: gigabits)
    case "GB200", "GB300":
      return .reference(.blackwell, links: 18, domain: domain, gigabits: gpu == "GB300" ? 800 : 400)
    default: return nil
    }
  }
}

import ArgumentParser
import Hardware
import Rendering
import Units

struct ClustersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clusters",
    abstract: "Lists the hardware profiles, or shows every number of one with its source.")

  @Argument(help: "A preset or a profile in JSON; all presets unless given.")
  var cluster: String?

  @Flag(help: "Print one JSON object.") var json = false

  struct Entry: Encodable {
    let name: String
    let device: String
    let gpusPerNode: Int
    let nvlinkDomain: Int
    let memoryCapacityBytes: Int
    let peakBf16FlopsPerSecond: Double?
    let nvlinkBytesPerSecond: Double
    let nicBytesPerSecond: Double
    let facts: [FactEntry]?
  }

  struct FactEntry: Encodable {
    let path: String
    let value: String
    let provenance: String
    let citation: String
  }

  struct JSON: Encodable { let clusters: [Entry] }

  func run() throws {
    try reportingBadData {
      let clusters = try cluster.map { [try Cluster.resolve($0)] } ?? Cluster.catalog()
      if json {
        print(try stepcast.json(JSON(clusters: clusters.map(entry))), terminator: "")
      } else if cluster == nil {
        print(list(clusters).terminal(), terminator: "")
      } else {
        for cluster in clusters {
          print(cluster.summary + "\n")
          print(facts(of: cluster).terminal(), terminator: "")
        }
      }
    }
  }

  private func list(_ clusters: [Cluster]) -> TextTable {
    var table = TextTable([
      .init("cluster"), .init("device"), .init("bf16 peak", .right), .init("memory", .right),
      .init("NVLink", .right), .init("domain", .right), .init("NICs", .right),
      .init("kernel rates"),
    ])
    for cluster in clusters {
      table.append([
        cluster.name, cluster.device.name,
        cluster.device.peak.rate(of: .bf16)?.description ?? "–",
        cluster.device.memory.usable.description, cluster.node.nvlink.bandwidth.description,
        String(cluster.node.nvlink.domainSize),
        "\(cluster.fabric.nicsPerNode) × \(cluster.fabric.nicBandwidth)",
        cluster.device.presets.map(\.name).joined(separator: ", "),
      ])
    }
    return table
  }

  private func facts(of cluster: Cluster) -> TextTable {
    var table = TextTable([
      .init("field"), .init("value", .right), .init("provenance"), .init("source"),
    ])
    for fact in cluster.facts {
      table.append([fact.path, fact.value, fact.provenance.rawValue, fact.citation])
    }
    return table
  }

  private func entry(_ cluster: Cluster) -> Entry {
    Entry(
      name: cluster.name, device: cluster.device.name, gpusPerNode: cluster.node.devices,
      nvlinkDomain: cluster.node.nvlink.domainSize,
      memoryCapacityBytes: cluster.device.memory.usable.count,
      peakBf16FlopsPerSecond: cluster.device.peak.rate(of: .bf16)?.flopsPerSecond,
      nvlinkBytesPerSecond: cluster.node.nvlink.bandwidth.bytesPerSecond,
      nicBytesPerSecond: cluster.fabric.nicBandwidth.bytesPerSecond,
      facts: self.cluster == nil
        ? nil
        : cluster.facts.map {
          FactEntry(
            path: $0.path, value: $0.value, provenance: $0.provenance.rawValue,
            citation: $0.citation)
        })
  }
}

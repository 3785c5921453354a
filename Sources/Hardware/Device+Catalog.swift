import Units

extension Device {
  /// One device that comes with the program without a machine around it.
  private struct Entry: Sendable {
    let name: String
    let bytes: [UInt8]
  }

  private static let entries = [
    Entry(name: "a100-pcie-80gb", bytes: PackageResources.a100_pcie_80gb_json),
    Entry(name: "h20", bytes: PackageResources.h20_json),
    Entry(name: "h800", bytes: PackageResources.h800_json),
    Entry(name: "l40s", bytes: PackageResources.l40s_json),
  ]

  /// The devices that come with the program beside those of `Cluster.catalogNames`: enough to price
  /// kernels, not steps.
  public static var catalogNames: [String] { entries.map(\.name) }

  /// A device by its own name or that of a cluster that has it, such as `H800` or `GB200`.
  ///
  /// - Throws: `.unknownName` with the nearest name.
  public static func named(_ name: String) throws(ProfileError) -> Device {
    let wanted = name.lowercased()
    if let entry = entries.first(where: { $0.name == wanted }) {
      return try Device(parsing: entry.bytes, file: "\(entry.name).json")
    }
    do throws(ProfileError) {
      return try Cluster.named(name).device
    } catch {
      let known = Cluster.catalogNames + catalogNames
      throw .unknownName(
        name: name, suggestion: nearestSpelling(to: wanted, among: known), known: known)
    }
  }

  /// The device that a profile's JSON describes: a cluster's without node, fabric and host.
  ///
  /// - Throws: `ProfileError` that names file, field, finding and expectation.
  public init(parsing bytes: [UInt8], file: String) throws(ProfileError) {
    let json = try JSONParser.parse(bytes, file: file)
    let keys = ["name", "description", "sources", "device"]
    let bare = try ProfileReader(json, file: file, path: "", keys: keys, sources: [])
    let citations = try Cluster.citations(bare, json)
    let top = try ProfileReader(
      json, file: file, path: "", keys: keys, sources: citations.map(\.key))
    try self.init(top.section("device", keys: Device.keys))
  }
}

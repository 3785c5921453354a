import Foundation
import Units

extension Cluster {
  /// One profile that comes with the program.
  private struct Entry: Sendable {
    let name: String
    let aliases: [String]
    let bytes: [UInt8]
  }

  private static let entries = [
    Entry(
      name: "dgx-a100-80gb", aliases: ["a100", "dgx-a100", "a100-80gb"],
      bytes: PackageResources.dgx_a100_80gb_json),
    Entry(
      name: "dgx-a100-40gb", aliases: ["a100-40gb"], bytes: PackageResources.dgx_a100_40gb_json),
    Entry(
      name: "dgx-h100", aliases: ["h100", "h100-sxm"], bytes: PackageResources.dgx_h100_json),
    Entry(
      name: "hgx-h100-hbm2e", aliases: ["h100-96gb", "h100-500w"],
      bytes: PackageResources.hgx_h100_hbm2e_json),
    Entry(
      name: "dgx-h200", aliases: ["h200", "h200-sxm"], bytes: PackageResources.dgx_h200_json),
    Entry(name: "dgx-b200", aliases: ["b200"], bytes: PackageResources.dgx_b200_json),
    Entry(name: "dgx-b300", aliases: ["b300"], bytes: PackageResources.dgx_b300_json),
    Entry(
      name: "gb200-nvl72", aliases: ["gb200", "nvl72"],
      bytes: PackageResources.gb200_nvl72_json),
    Entry(
      name: "gb300-nvl72", aliases: ["gb300"], bytes: PackageResources.gb300_nvl72_json),
  ]

  /// The names of the profiles that come with the program.
  public static var catalogNames: [String] { entries.map(\.name) }

  /// All profiles that come with the program, in the order of `catalogNames`.
  public static func catalog() throws(ProfileError) -> [Cluster] {
    var clusters: [Cluster] = []
    for entry in entries {
      clusters.append(try Cluster(parsing: entry.bytes, file: "\(entry.name).json"))
    }
    return clusters
  }

  /// The profile of a name such as `dgx-h100`, or an alias such as `H100`.
  ///
  /// - Throws: `.unknownName` with the nearest name.
  public static func named(_ name: String) throws(ProfileError) -> Cluster {
    let wanted = name.lowercased()
    guard let entry = entries.first(where: { $0.name == wanted || $0.aliases.contains(wanted) })
    else {
      let spellings = entries.flatMap { [$0.name] + $0.aliases }
      throw .unknownName(
        name: name, suggestion: nearestSpelling(to: wanted, among: spellings), known: catalogNames)
    }
    return try Cluster(parsing: entry.bytes, file: "\(entry.name).json")
  }

  /// The profile in a file.
  public static func load(path: String) throws(ProfileError) -> Cluster {
    let url = URL(filePath: path)
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw .unreadable(file: path, reason: "there is no readable file here")
    }
    return try Cluster(parsing: [UInt8](data), file: url.lastPathComponent)
  }

  /// The profile that a command's argument means: a path if it looks like one, otherwise a name.
  ///
  /// Text with a slash or ending in `.json` is a path.
  public static func resolve(_ nameOrPath: String) throws(ProfileError) -> Cluster {
    if nameOrPath.contains("/") || nameOrPath.hasSuffix(".json") {
      return try load(path: nameOrPath)
    }
    return try named(nameOrPath)
  }
}

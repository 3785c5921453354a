import Foundation
import Units

extension StackProfile {
  /// One stack that comes with the program.
  private struct Entry: Sendable {
    let name: String
    let bytes: [UInt8]
  }

  /// From the oldest to the newest of each family.
  private static let entries = [
    Entry(name: "megatron-2021", bytes: PackageResources.megatron_2021_json),
    Entry(name: "megatron-2023", bytes: PackageResources.megatron_2023_json),
    Entry(name: "megatron-24.11", bytes: PackageResources.megatron_24_11_json),
    Entry(name: "megatron-25.05", bytes: PackageResources.megatron_25_05_json),
    Entry(name: "megatron-25.11", bytes: PackageResources.megatron_25_11_json),
    Entry(name: "megatron-26.02", bytes: PackageResources.megatron_26_02_json),
    Entry(name: "megatron-26.06", bytes: PackageResources.megatron_26_06_json),
    Entry(name: "deepspeed-2022", bytes: PackageResources.deepspeed_2022_json),
    Entry(name: "fsdp-2023", bytes: PackageResources.fsdp_2023_json),
    Entry(name: "fsdp-2024", bytes: PackageResources.fsdp_2024_json),
    Entry(name: "xla-2024", bytes: PackageResources.xla_2024_json),
  ]

  /// The stack of training where nobody names one: the newest.
  public static let defaultName = "megatron-26.06"

  /// The names of the stacks that come with the program, and of the one that changes nothing.
  public static var catalogNames: [String] { entries.map(\.name) + [StackProfile.none.name] }

  /// The stack of a name.
  ///
  /// - Throws: `.unknownName` with the nearest name.
  public static func named(_ name: String) throws(ProfileError) -> StackProfile {
    let wanted = name.lowercased()
    if wanted == StackProfile.none.name { return .none }
    guard let entry = entries.first(where: { $0.name == wanted }) else {
      throw .unknownName(
        name: name, suggestion: nearestSpelling(to: wanted, among: catalogNames),
        known: catalogNames)
    }
    return try StackProfile(parsing: entry.bytes, file: "\(entry.name).json")
  }

  /// The stack that a command's argument means: a path if it looks like one, otherwise a name.
  public static func resolve(_ nameOrPath: String) throws(ProfileError) -> StackProfile {
    guard nameOrPath.contains("/") || nameOrPath.hasSuffix(".json") else {
      return try named(nameOrPath)
    }
    guard let data = FileManager.default.contents(atPath: nameOrPath) else {
      throw .unreadable(file: nameOrPath, reason: "there is no readable file here")
    }
    let file = URL(filePath: nameOrPath).lastPathComponent
    return try StackProfile(parsing: [UInt8](data), file: file)
  }
}

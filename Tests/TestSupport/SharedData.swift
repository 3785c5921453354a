public import Foundation

/// Finds the folder of published measurements that lies beside a developer's checkout.
///
/// The product never reads it and a clone without it is complete, so every test that wants it is
/// enabled by `isAvailable` and skipped with a message otherwise.
public enum SharedData {
  /// The checkout's top folder.
  public static let repository = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The folder `shared/data` beside the checkout.
  public static let folder = repository.deletingLastPathComponent()
    .appending(path: "shared/data", directoryHint: .isDirectory)

  /// Whether the folder exists on this machine.
  public static let isAvailable = FileManager.default.fileExists(atPath: folder.path)

  /// What a skipped test says.
  public static let skipMessage: String = "needs ../shared/data, which this machine does not have"

  /// The contents of one file, for example `semantics/params_flops_memory.json`.
  public static func read(_ path: String) throws -> Data {
    try Data(contentsOf: folder.appending(path: path))
  }
}

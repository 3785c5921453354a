import Foundation

/// Files that people review: the expected text of a test, in `Golden` beside it.
///
/// `STEPCAST_GOLDEN=1` rewrites them; the difference is then read like code.
public enum Golden {
  /// The reviewed text of a file, which is the found one where files are being rewritten.
  ///
  /// - Parameter test: the test's own source file.
  public static func reviewed(_ name: String, found: String, beside test: String = #filePath)
    throws -> String
  {
    let folder = URL(filePath: test).deletingLastPathComponent()
      .appending(path: "Golden", directoryHint: .isDirectory)
    let file = folder.appending(path: name)
    if ProcessInfo.processInfo.environment["STEPCAST_GOLDEN"] == "1" {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(found.utf8).write(to: file, options: .atomic)
    }
    return try String(contentsOf: file, encoding: .utf8)
  }
}

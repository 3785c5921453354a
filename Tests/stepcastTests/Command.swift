import Foundation
import Testing

/// What one run of the built executable answered.
struct Command {
  let status: Int32
  let output: String
  let errors: String

  /// The executable, built beside the test bundle.
  private static let executable = URL(filePath: CommandLine.arguments[0])
    .deletingLastPathComponent().appending(path: "stepcast")

  /// Runs the executable to its end.
  ///
  /// Its output goes to files instead of pipes, which would block it when nobody empties one.
  static func run(_ arguments: [String], in folder: URL? = nil) throws -> Command {
    let place = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: place) }
    let files = [place.appending(path: "output"), place.appending(path: "errors")]
    for file in files { try Data().write(to: file) }
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = folder ?? place
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    // A crash in a test should not wait for a symbolicated report of it.
    process.environment = ProcessInfo.processInfo.environment
      .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    try process.run()
    process.waitUntilExit()
    try #require(
      process.terminationReason == .exit, "stepcast crashed on: \(arguments.joined(separator: " "))"
    )
    return Command(
      status: process.terminationStatus,
      output: String(decoding: try Data(contentsOf: files[0]), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self))
  }

  /// Runs a command line whose words hold no blanks.
  static func run(_ line: String, in folder: URL? = nil) throws -> Command {
    try run(line.split(separator: " ").map(String.init), in: folder)
  }

  /// The one JSON object that a command line prints.
  static func object(_ line: String, in folder: URL? = nil) throws -> [String: Any] {
    let command = try run(line, in: folder)
    try #require(command.status == 0, "\(line): \(command.errors)")
    let value = try JSONSerialization.jsonObject(with: Data(command.output.utf8))
    return try #require(value as? [String: Any])
  }
}

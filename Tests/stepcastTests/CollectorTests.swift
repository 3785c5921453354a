import Foundation
import TestSupport
import Testing

@Suite("Collectors write what validate reads") struct CollectorTests {
  private static let folder = SharedData.repository.appending(path: "Benchmarks/collect")

  /// Runs a script of the folder, without leaving compiled Python beside it.
  private static func python(_ arguments: [String], in place: URL) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-B"] + arguments
    process.currentDirectoryURL = place
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  private static let hasPython =
    (try? python(["-c", "pass"], in: FileManager.default.temporaryDirectory)) == 0

  @Test(
    "a dry run lists rows that lack nothing but the time",
    .enabled(if: hasPython, "needs python3, which this machine does not have"),
    arguments: ["kernels", "collectives"])
  func dryRun(table: String) throws {
    let workplace = try Workplace()
    let script = Self.folder.appending(path: "\(table).py").path
    let status = try Self.python([script, "--dry-run", "-o", "rows.csv"], in: workplace.folder)
    #expect(status == 0)
    let report = try Command.object("validate \(table) rows.csv --json", in: workplace.folder)
    let refused = try #require(report["refused"] as? [String: String])
    #expect(refused.count > 50 && report["rows"] as? Int == refused.count)
    for (id, reason) in refused {
      #expect(reason == "time_us: the cell is empty and has no default", "\(id)")
    }
  }
}

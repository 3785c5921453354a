import Estimation
import Foundation
import Rendering

/// A folder that receives a report and its pictures.
struct ReportFolder {
  let path: String

  /// Writes `report.md`, and the pictures beside it.
  ///
  /// - Throws: `BadData` when the folder cannot be made or written; no partial file is left.
  func write(_ estimate: Estimate) throws {
    let folder = URL(filePath: path, directoryHint: .isDirectory)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw BadData("\(path): cannot make this folder; choose one that you may write with -o")
    }
    let report = EstimateReport(estimate: estimate)
    try write(report.document.markdown(), to: folder.appending(path: "report.md"))
  }

  private func write(_ text: String, to file: URL) throws {
    do {
      try Data(text.utf8).write(to: file, options: .atomic)
    } catch {
      throw BadData("\(file.path): cannot write; choose a folder that you may write with -o")
    }
  }
}

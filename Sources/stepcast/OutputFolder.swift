import Foundation

/// A folder that receives results; made when first written to.
struct OutputFolder {
  let path: String

  /// `outputs/` and the time, to the second.
  static var timestamped: String {
    let now = Calendar(identifier: .gregorian).dateComponents(
      in: .current, from: Date())
    let parts = [now.year, now.month, now.day, now.hour, now.minute, now.second]
    return "outputs/"
      + parts.map { part in
        let text = String(part ?? 0)
        return text.count < 2 ? "0" + text : text
      }.joined(separator: "-")
  }

  /// Makes the folder and returns it.
  ///
  /// - Throws: `BadData` when it cannot be made.
  func made() throws -> URL {
    guard !path.isEmpty else {
      throw BadData("-o names no folder; give one, for example -o outputs/run1")
    }
    let folder = URL(filePath: path, directoryHint: .isDirectory)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw BadData(
        "\(path): cannot make this folder; name one that you may write with -o, for example -o outputs/run1"
      )
    }
    return folder
  }

  /// Writes a whole file or none, and returns its path.
  func write(_ text: String, to name: String) throws -> String {
    let file = try made().appending(path: name)
    do {
      try Data(text.utf8).write(to: file, options: .atomic)
    } catch {
      throw BadData("\(path)/\(name): cannot write; name a folder that you may write with -o")
    }
    return "\(path)/\(name)"
  }
}

import Foundation

/// A `config.json` on disk.
struct ConfigurationFile: Sendable {
  /// The path of the file itself, also where its folder was given.
  let path: String
  let fields: ConfigurationFields

  /// Published files are a few kilobytes; more than this is something else.
  private static let largestSize = 4 << 20

  init(at path: String) throws(ModelError) {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    self.path = isFolder.boolValue ? URL(filePath: path).appending(path: "config.json").path : path
    guard exists, FileManager.default.fileExists(atPath: self.path) else {
      throw .unreadable(
        file: self.path,
        reason: isFolder.boolValue ? "the folder holds no config.json" : "no such file")
    }
    fields = ConfigurationFields(
      file: self.path, prefix: "", values: try Self.object(in: self.path))
  }

  private static func object(in path: String) throws(ModelError) -> [String: JSONValue] {
    let data: Data
    do {
      let handle = try FileHandle(forReadingFrom: URL(filePath: path))
      defer { try? handle.close() }
      data = try handle.read(upToCount: largestSize + 1) ?? Data()
    } catch {
      throw .unreadable(file: path, reason: "cannot be read")
    }
    guard data.count <= largestSize else {
      throw .unreadable(file: path, reason: "is larger than 4 MiB")
    }
    guard !data.isEmpty else { throw .invalidJSON(file: path, reason: "the file is empty") }
    let value: JSONValue
    do {
      value = try JSONDecoder().decode(JSONValue.self, from: data)
    } catch {
      throw .invalidJSON(file: path, reason: malformation(of: data))
    }
    guard case .object(let fields) = value else {
      throw .invalidJSON(file: path, reason: "it holds \(value.quoted)")
    }
    return fields
  }

  /// What is wrong with a text that did not decode.
  ///
  /// The decoder does not say where it stopped, so the older parser is asked, which does.
  private static func malformation(of data: Data) -> String {
    do {
      _ = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
      return "a value has no meaning"
    } catch {
      let detail = (error as NSError).userInfo["NSDebugDescription"] as? String
      var text = oneLine(detail ?? "it is malformed", atMost: 160)
      while text.hasSuffix(".") { text.removeLast() }
      return text
    }
  }

  /// What to call the model: `_name_or_path`, else the folder's or the file's name, else the family.
  ///
  /// A folder of the Hugging Face cache is named by a hash and lies in `models--owner--name/snapshots`.
  ///
  /// The text comes from strangers, so it is cut to one short line.
  func modelName(else family: String) throws(ModelError) -> String {
    let written = try fields.text("_name_or_path") ?? ""
    let url = URL(filePath: path).standardizedFileURL
    var name = lastComponent(of: written)
    if name.isEmpty, url.lastPathComponent == "config.json" {
      name = folderName(of: url)
    } else if name.isEmpty {
      name = url.lastPathComponent
      for ending in [".config.json", ".json"] where name.hasSuffix(ending) {
        name.removeLast(ending.count)
      }
    }
    return name.isEmpty ? family : oneLine(name, atMost: 120)
  }

  private func folderName(of url: URL) -> String {
    let parts = url.pathComponents.dropLast().suffix(3)
    if let top = parts.first, top.hasPrefix("models--"), parts.dropFirst().first == "snapshots" {
      return top.components(separatedBy: "--").last ?? top
    }
    return parts.last.map { lastComponent(of: $0) } ?? ""
  }

  private func lastComponent(of path: String) -> String {
    path.split(separator: "/").last { $0 != "." && $0 != ".." }.map(String.init) ?? ""
  }
}

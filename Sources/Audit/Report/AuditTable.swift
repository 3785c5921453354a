/// A table of a report.
public struct AuditTable: Hashable, Sendable, Codable {
  public let title: String
  public let header: [String]
  public let rows: [[String]]

  /// The table in Markdown, numbers aligned by the reader.
  var markdown: String {
    let lines =
      ["| " + header.joined(separator: " | ") + " |"]
      + ["|" + header.indices.map { $0 == 0 ? " --- |" : " ---: |" }.joined()]
      + rows.map { "| " + $0.joined(separator: " | ") + " |" }
    return "### \(title)\n\n" + lines.joined(separator: "\n") + "\n"
  }
}

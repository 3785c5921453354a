/// A short report: headings, paragraphs, lists and tables, for a terminal or as Markdown.
public struct Document: Hashable, Sendable {
  public enum Block: Hashable, Sendable {
    /// A heading of level 1 or 2.
    case heading(String, level: Int)
    case paragraph(String)
    case list([String])
    case table(TextTable)
    /// A picture beside the report; terminals leave it out.
    case picture(title: String, file: String)
  }

  public private(set) var blocks: [Block] = []

  public init() {}

  public mutating func append(_ block: Block) { blocks.append(block) }

  /// For a terminal: headings underlined, a blank line between blocks.
  public func terminal() -> String {
    blocks.compactMap { block in
      switch block {
      case .heading(let text, let level):
        text + "\n" + String(repeating: level == 1 ? "═" : "─", count: text.count) + "\n"
      case .paragraph(let text): text + "\n"
      case .list(let items): items.map { "• \($0)\n" }.joined()
      case .table(let table): table.terminal()
      case .picture: nil
      }
    }.joined(separator: "\n")
  }

  /// As Markdown.
  public func markdown() -> String {
    blocks.map { block in
      switch block {
      case .heading(let text, let level): String(repeating: "#", count: level) + " " + text + "\n"
      case .paragraph(let text): text + "\n"
      case .list(let items): items.map { "- \($0)\n" }.joined()
      case .table(let table): table.markdown()
      case .picture(let title, let file): "![\(title)](\(file))\n"
      }
    }.joined(separator: "\n")
  }
}

import Rendering
import TestSupport
import Testing

@Suite("Text table") struct TextTableTests {
  static var table: TextTable {
    var table = TextTable([.init("class"), .init("time", .right), .init("share", .right)])
    table.append(["compute", "12.3 ms", "61.5 %"])
    table.append(["exposed EP", "7.1 ms", "35.5 %"])
    table.append(["传输 é", "0.6 ms", "3.0 %"])
    table.append(["a|b <c>", "0 ns", ""])
    return table
  }

  @Test("terminal and Markdown are as reviewed")
  func golden() throws {
    let text = Self.table.terminal() + "\n" + Self.table.markdown()
    #expect(try text == Golden.reviewed("table.txt", found: text))
  }

  @Test("every line of a terminal table is no wider than its rule, whatever the script")
  func aligned() {
    let lines = Self.table.terminal().split(separator: "\n").map(String.init)
    let rule = displayWidth(lines[1])
    #expect(lines.allSatisfy { displayWidth($0) <= rule })
    #expect(lines[4].contains("传输 é   "))
  }

  @Test("cells cannot break a line, move the cursor or open a column")
  func hostileCells() {
    var table = TextTable([.init("name"), .init("x")])
    table.append(["one\ntwo\u{1B}[2J", "a|b"])
    #expect(table.terminal().split(separator: "\n").count == 3)
    #expect(!table.terminal().unicodeScalars.contains("\u{1B}"))
    #expect(table.markdown().contains(#"a\|b"#))
    #expect(table.markdown().split(separator: "\n").count == 3)
  }

  @Test(
    "East Asian characters and emoji are two columns wide, marks none",
    arguments: [
      ("abc", 3), ("表", 2), ("é", 1), ("e\u{301}", 1), ("🚀", 2), ("✓", 1), ("", 0), ("µs", 2),
    ])
  func widths(text: String, width: Int) {
    #expect(displayWidth(text) == width)
  }

  @Test("an empty table is its heading")
  func empty() {
    #expect(
      TextTable([.init("a"), .init("b", .right)]).markdown() == "| a   |   b |\n| --- | --: |\n")
  }
}

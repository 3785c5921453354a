import Testing
import Validation

@Suite("Comma-separated tables")
struct CSVTableTests {
  private func table(_ text: String, requiring required: [String] = []) throws -> CSVTable {
    try CSVTable(parsing: Array(text.utf8), file: "rows.csv", requiring: required)
  }

  private func refusal(_ text: String, requiring required: [String] = []) throws -> String {
    try #require(throws: ValidationError.self) { try table(text, requiring: required) }.description
  }

  @Test("fields may be quoted, and quoted ones may hold commas, quotes and line breaks")
  func quoting() throws {
    let table = try table("a,b\n\"1,5\",\"say \"\"hi\"\"\"\n\"two\r\nlines\",\"\"\nx,y")
    #expect(table.columns == ["a", "b"])
    #expect(table.rows.map { $0["a"] } == ["1,5", "two\r\nlines", "x"])
    #expect(table.rows.map { $0["b"] } == ["say \"hi\"", "", "y"])
    #expect(table.rows.map(\.line) == [2, 3, 5])
  }

  @Test("line ends, a byte-order mark, blanks and empty lines make no difference")
  func spelling() throws {
    let plain = try table("a,b\n1,2\n3,4\n")
    #expect(try table("a,b\r\n1,2\r\n3,4").rows.map { $0["b"] } == plain.rows.map { $0["b"] })
    #expect(try table("\u{FEFF}a , b\n 1,2 \n\n3,4\n\n").rows.map { $0["b"] } == ["2", "4"])
  }

  @Test("a column that is not there reads as empty")
  func absent() throws {
    #expect(try table("a\n1").rows[0]["b"].isEmpty)
    #expect(CSVRow(["gpu": "H100", "m": "4"])["m"] == "4")
  }

  @Test("tables that cannot be read are refused in words")
  func refusals() throws {
    #expect(
      try refusal("") == "rows.csv: the file is empty; its first line must name the columns")
    #expect(try refusal("a,b,a\n") == "rows.csv: line 1: the column \"a\" appears twice")
    #expect(
      try refusal("tme_us\n1", requiring: ["time_us"])
        == "rows.csv: line 1: no column \"time_us\"; is it \"tme_us\"?")
    #expect(
      try refusal("x,y\n1,2", requiring: ["kernel"])
        == "rows.csv: line 1: no column \"kernel\"; the columns are x, y")
    #expect(
      try refusal("a,b\n1,2\n1,2,3\n")
        == "rows.csv: line 3: 3 fields, the header has 2; quote fields with commas")
    #expect(
      try refusal("a\nit\"s\n") == "rows.csv: line 2: a quote inside a field; "
        + "write the field in quotes and the quote twice")
    #expect(try refusal("a\n\"x\"y\n").hasPrefix("rows.csv: line 2: a quote inside a field"))
    #expect(
      try refusal("a\n1\n\"x\ny\n")
        == "rows.csv: line 3: a quoted field starts here and does not end")
  }
}

import Foundation
import TestSupport
import Testing

@testable import Hardware

@Suite("JSON parser")
struct JSONParserTests {
  private func parse(_ text: String) throws(ProfileError) -> JSONValue {
    try JSONParser.parse(Array(text.utf8), file: "a.json")
  }

  private func refusal(_ text: String) throws -> String {
    try #require(throws: ProfileError.self) { try parse(text) }.description
  }

  @Test("every kind of value, in the order of the file")
  func values() throws {
    let value = try parse(#" { "b": [1, -2.5e3, true], "a": { "x": null }, "c": "µ\n\"\u00e9" } "#)
    #expect(
      value
        == .object([
          .init(
            key: "b",
            value: .array([
              .number(1, text: "1"), .number(-2500, text: "-2.5e3"), .boolean(true),
            ])),
          .init(key: "a", value: .object([.init(key: "x", value: .null)])),
          .init(key: "c", value: .string("µ\n\"é")),
        ]))
  }

  @Test("errors say line, column, finding and expectation")
  func positions() throws {
    #expect(try refusal("{\n  \"a\" 1\n}") == #"a.json:2:7: found "1", expected ":""#)
    #expect(try refusal("{\"a\": 1,}") == #"a.json:1:9: found "}", expected a key in quotes"#)
    #expect(try refusal("[1 2]") == #"a.json:1:4: found "2", expected "," or "]""#)
    #expect(try refusal("{} x") == #"a.json:1:4: found "x", expected the end of the file"#)
    #expect(try refusal("") == "a.json:1:1: found the end of the file, expected a value")
    #expect(try refusal("[nil]") == #"a.json:1:2: found "n", expected null"#)
    #expect(try refusal(#"["\q"]"#).contains("found \"q\""))
  }

  @Test("a key is stated once")
  func duplicates() throws {
    #expect(try refusal(#"{"a": {"b": 1, "b": 2}}"#) == "a.json: a.b: is stated twice; keep one")
  }

  @Test("nesting has an end")
  func nesting() throws {
    let deep = String(repeating: "[", count: 100_000)
    #expect(try refusal(deep).contains("at most 64 levels of nesting"))
  }

  @Test("a profile cut anywhere is refused, never misread")
  func truncation() throws {
    let file = SharedData.repository.appending(path: "hardware-profiles/dgx-b200.json")
    let bytes = [UInt8](try Data(contentsOf: file))
    let end = try #require(bytes.lastIndex(of: UInt8(ascii: "}")))
    for length in Array(stride(from: 0, through: end, by: 97)) + [end] {
      #expect(throws: ProfileError.self) {
        try Cluster(parsing: Array(bytes[..<length]), file: "a.json")
      }
    }
  }
}

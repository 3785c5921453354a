import Foundation
import Hardware
import TestSupport
import Testing
import Units

@Suite("Stack profiles")
struct StackProfileTests {
  @Test("every stack of the catalog loads under its name, each number with a source")
  func catalog() throws {
    for name in StackProfile.catalogNames {
      let stack = try StackProfile.named(name)
      #expect(stack.name == name)
      #expect(name == "none" || stack.facts.count == 14)
      #expect(name == "none" || stack.launch != nil)
    }
    #expect(StackProfile.catalogNames.contains(StackProfile.defaultName))
  }

  @Test("an unknown name is refused with the nearest one")
  func unknown() {
    let error = #expect(throws: ProfileError.self) { try StackProfile.named("megatron-26.07") }
    #expect(error?.description.contains("megatron-26.0") == true)
  }

  @Test(
    "what no stack can have is refused where it stands",
    arguments: [
      (#""attention": { "value": "#, #""attention": { "value": 9"#, "attention"),
      (#""traffic""#, #""trafic""#, "trafic"),
      (#""attention_library": "current""#, #""attention_library": "triton""#, "attention_library"),
    ])
  func refusals(old: String, new: String, field: String) throws {
    let file = SharedData.repository.appending(
      path: "hardware-profiles/stacks/megatron-26.06.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    let range = try #require(text.range(of: old))
    let changed = text.replacingCharacters(in: range, with: new)
    let error = #expect(throws: ProfileError.self) {
      try StackProfile(parsing: Array(changed.utf8), file: "stack.json")
    }
    #expect(error?.description.hasPrefix("stack.json: \(field)") == true)
  }
}

import Testing

@testable import Hardware

@Suite("Spelling")
struct SpellingTests {
  @Test("a slip of one letter finds the word")
  func slips() {
    let words = ["bandwidth", "latency", "capacity"]
    for word in words {
      for index in word.indices {
        var missing = word
        missing.remove(at: index)
        #expect(likelySpelling(of: missing, among: words) == word)
        var wrong = word
        wrong.replaceSubrange(index...index, with: "#")
        #expect(likelySpelling(of: wrong, among: words) == word)
      }
    }
  }

  @Test("a word unlike all others finds none")
  func strangers() {
    #expect(likelySpelling(of: "zebra", among: ["bandwidth", "latency"]) == nil)
    #expect(likelySpelling(of: "a", among: []) == nil)
  }
}

import Testing
import Units

@Suite("Spelling")
struct SpellingTests {
  @Test("a slip of one letter finds the word")
  func slips() {
    let words = ["bandwidth", "latency", "capacity"]
    for word in words {
      for index in word.indices {
        var missing = word
        missing.remove(at: index)
        #expect(nearestSpelling(to: missing, among: words) == word)
        var wrong = word
        wrong.replaceSubrange(index...index, with: "#")
        #expect(nearestSpelling(to: wrong, among: words) == word)
      }
    }
  }

  @Test("a word unlike all others finds none")
  func strangers() {
    #expect(nearestSpelling(to: "zebra", among: ["bandwidth", "latency"]) == nil)
    #expect(nearestSpelling(to: "a", among: []) == nil)
  }
}

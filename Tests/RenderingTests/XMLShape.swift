import Foundation

/// A minimal reading of XML: enough to see that tags nest and how often each occurs.
struct XMLShape {
  private(set) var isBalanced = true
  private(set) var counts: [String: Int] = [:]

  init(_ text: String) throws {
    var open: [Substring] = []
    var rest = text[...]
    while let begin = rest.firstIndex(of: "<") {
      rest = rest[begin...]
      guard let end = rest.firstIndex(of: ">") else {
        isBalanced = false
        return
      }
      let tag = rest[rest.index(after: rest.startIndex)..<end]
      rest = rest[rest.index(after: end)...]
      guard let first = tag.first, first != "?", first != "!" else { continue }
      let name = tag.drop { $0 == "/" }.prefix { !$0.isWhitespace && $0 != "/" }
      if first == "/" {
        if open.popLast() != name { isBalanced = false }
      } else {
        counts[String(name), default: 0] += 1
        if tag.last != "/" { open.append(name) }
      }
    }
    if !open.isEmpty { isBalanced = false }
  }
}

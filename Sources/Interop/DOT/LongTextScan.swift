/// Looks for a word, quoted text or comment beyond a limit before cgraph sees it: its scanner takes a
/// time quadratic in the length of one such token, minutes for ten megabytes.
struct LongTextScan {
  private let bytes: [UInt8]
  private let limit: Int
  private var position = 0
  /// The word last seen outside brackets, which names the node whose brackets follow.
  private var candidate = 0..<0
  private var isInBrackets = false

  init(_ bytes: [UInt8], limit: Int) {
    self.bytes = bytes
    self.limit = limit
  }

  /// The length of the first text beyond the limit and the start of its node's name.
  static func firstLongText(in bytes: [UInt8], limit: Int) -> (node: String, length: Int)? {
    var scan = LongTextScan(bytes, limit: limit)
    while scan.position < bytes.count {
      let start = scan.position
      scan.skipToken()
      let token = start..<scan.position
      if token.count > limit { return (scan.nodeName(of: token), token.count) }
      scan.note(token)
    }
    return nil
  }

  private mutating func skipToken() {
    switch bytes[position] {
    case UInt8(ascii: "\""): skipQuoted()
    case UInt8(ascii: "<"): skipHTML()
    case UInt8(ascii: "/") where next == UInt8(ascii: "/"): skipLine()
    case UInt8(ascii: "/") where next == UInt8(ascii: "*"): skipComment()
    case UInt8(ascii: "#"): skipLine()
    case let byte where Self.isWord(byte):
      while position < bytes.count, Self.isWord(bytes[position]) { position += 1 }
    default: position += 1
    }
  }

  private var next: UInt8? { position + 1 < bytes.count ? bytes[position + 1] : nil }

  private mutating func skipQuoted() {
    position += 1
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    position = min(position + 1, bytes.count)
  }

  private mutating func skipHTML() {
    var depth = 0
    repeat {
      if bytes[position] == UInt8(ascii: "<") { depth += 1 }
      if bytes[position] == UInt8(ascii: ">") { depth -= 1 }
      position += 1
    } while depth > 0 && position < bytes.count
  }

  private mutating func skipLine() {
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
  }

  private mutating func skipComment() {
    position += 2
    while position < bytes.count,
      !(bytes[position] == UInt8(ascii: "*") && next == UInt8(ascii: "/"))
    {
      position += 1
    }
    position = min(position + 2, bytes.count)
  }

  private mutating func note(_ token: Range<Int>) {
    switch bytes[token.lowerBound] {
    case UInt8(ascii: "["): isInBrackets = true
    case UInt8(ascii: "]"): isInBrackets = false
    case let byte where !isInBrackets && (byte == UInt8(ascii: "\"") || Self.isWord(byte)):
      candidate = token
    default: break
    }
  }

  private func nodeName(of token: Range<Int>) -> String {
    let name = isInBrackets ? candidate : token
    let text = String(decoding: bytes[name].prefix(40), as: UTF8.self)
    return name.count > 40 ? text + "…" : text
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), 0x80...0xFF:
      true
    default: false
    }
  }
}

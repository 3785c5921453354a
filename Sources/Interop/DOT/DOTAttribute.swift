import Audit
import Graph
import Parallelism

/// The attributes of nodes in our DOT files.
enum DOTAttribute: Int, CaseIterable {
  case kind, pass, rank, layer, chunk, microbatch, label, operation, axis, members, instance
  case bytesIn, bytesOut, peer, bytes

  /// The name in files.
  var name: String {
    switch self {
    case .bytesIn: "bytes_in"
    case .bytesOut: "bytes_out"
    default: String(describing: self)
    }
  }
}

extension ParsedDOT.Node {
  subscript(attribute: DOTAttribute) -> String? { attributes[attribute.rawValue] }

  /// What the node is called for people.
  var title: String {
    self[.label].map { resolvingEscapes($0, nodeName: name) } ?? name
  }

  /// The node as its attributes state it.
  func declared(_ members: inout MemberLists, in builder: inout ObservedGraphBuilder)
    -> ObservedNode
  {
    var node = ObservedNode(
      kind: self[.kind].flatMap(OperationKind.init(label:)),
      pass: self[.pass].flatMap { label in OperationPass.allCases.first { $0.label == label } },
      rank: number(.rank), layer: number(.layer), chunk: number(.chunk),
      microbatch: number(.microbatch))
    node.operation = self[.operation].flatMap(CollectiveOperation.init(rawValue:))
    node.family = self[.axis].flatMap { label in
      GroupFamily.allCases.first { $0.label == label }
    }
    node.members = self[.members].flatMap { members.group($0, in: &builder) }
    node.instance = self[.instance].flatMap { CollectiveInstance(parsing: $0) }
    node.peer = number(.peer)
    node.bytesIn = number(.bytesIn) ?? number(.bytes)
    node.bytesOut = number(.bytesOut) ?? number(.bytes)
    return node
  }

  private func number(_ attribute: DOTAttribute) -> Int? {
    self[attribute].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
  }
}

/// Lists of ranks as our files write them: `0,4,8`, or `0-252:4` for a long run.
struct MemberLists {
  /// More ranks than any group of a file has; keeps a hostile run from filling the memory.
  private static let limit = 1 << 20
  private var known: [String: Int?] = [:]

  /// The group that a text lists, or nil where it cannot be read.
  mutating func group(_ text: String, in builder: inout ObservedGraphBuilder) -> Int? {
    if let group = known[text] { return group }
    let group = Self.ranks(text).map { builder.group($0) }
    known[text] = .some(group)
    return group
  }

  static func ranks(_ text: String) -> [Int32]? {
    var ranks: [Int32] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let run = run(part), ranks.count + run.count <= limit else { return nil }
      ranks += run
    }
    return ranks.sorted()
  }

  private static func run(_ part: Substring) -> [Int32]? {
    if let single = Int32(part) { return single >= 0 ? [single] : nil }
    let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
    let ends = pieces[0].split(separator: "-", omittingEmptySubsequences: false).map { Int32($0) }
    guard pieces.count <= 2, ends.count == 2, let first = ends[0], let last = ends[1],
      first >= 0, last >= first,
      let stride = pieces.count == 2 ? Int32(pieces[1]) : 1, stride > 0,
      Int(last - first) / Int(stride) < limit
    else { return nil }
    return Array(Swift.stride(from: first, through: last, by: Int32.Stride(stride)))
  }
}

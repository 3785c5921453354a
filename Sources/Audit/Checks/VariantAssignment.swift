import Graph
import Parallelism

/// Which variant of an operation each of its nodes is, where it has several.
///
/// Nodes of one operation differ in what they exchange and in what they wait for. As many as possible
/// get a variant that they fit; the others get what is left, so that a check can say what is wrong.
struct VariantAssignment {
  /// Node and variant.
  private(set) var variants: [(node: Int, variant: Int16)] = []
  private let reading: Reading

  private struct Cell: Hashable {
    let rank, operation, microbatch: Int32
  }

  init(_ reading: Reading) {
    self.reading = reading
    var cells: [Cell: Int] = [:]
    var members: [[Int]] = []
    for (index, role) in reading.roles.enumerated() where role.operation >= 0 && role.variant < 0 {
      let cell = Cell(rank: role.rank, operation: role.operation, microbatch: role.microbatch)
      if let known = cells[cell] {
        members[known].append(index)
      } else {
        cells[cell] = members.count
        members.append([index])
      }
    }
    for nodes in members { assign(nodes) }
  }

  private mutating func assign(_ nodes: [Int]) {
    let role = reading.roles[nodes[0]]
    guard let operation = reading.operation(of: role) else { return }
    let open = operation.variants.indices.filter {
      operation.variants[$0].onlyMicrobatch.map { $0 == Int(role.microbatch) } ?? true
    }
    // Most graphs list them in the order in which they are launched.
    let isInOrder =
      nodes.count == open.count
      && zip(nodes, open).allSatisfy { fits($0, operation.variants[$1]) }
    let places =
      isInOrder ? Array(nodes.indices) : matched(nodes, open.map { operation.variants[$0] })
    for (node, place) in zip(nodes, places) where place >= 0 {
      variants.append((node, Int16(open[place])))
    }
  }

  /// A largest matching by augmenting paths, then what is left in order; -1 for surplus nodes.
  private func matched(_ nodes: [Int], _ variants: [ExpectedVariant]) -> [Int] {
    let fitting = nodes.map { node in variants.indices.filter { fits(node, variants[$0]) } }
    var owner = [Int](repeating: -1, count: variants.count)
    func place(_ node: Int, _ seen: inout [Bool]) -> Bool {
      for variant in fitting[node] where !seen[variant] {
        seen[variant] = true
        if owner[variant] < 0 || place(owner[variant], &seen) {
          owner[variant] = node
          return true
        }
      }
      return false
    }
    for node in nodes.indices {
      var seen = [Bool](repeating: false, count: variants.count)
      _ = place(node, &seen)
    }
    var places = [Int](repeating: -1, count: nodes.count)
    for (variant, node) in owner.enumerated() where node >= 0 { places[node] = variant }
    for node in nodes.indices where places[node] < 0 {
      let left = variants.indices.filter { owner[$0] < 0 }
      guard
        let variant = left.first(where: { communicates(nodes[node], variants[$0]) }) ?? left.first
      else { continue }
      owner[variant] = node
      places[node] = variant
    }
    return places
  }

  private func fits(_ node: Int, _ variant: ExpectedVariant) -> Bool {
    communicates(node, variant)
      && variant.predecessors.allSatisfy { reading.isMet($0, by: NodeID(node)) }
  }

  /// Whether what a node states about its communication is what a variant must be.
  private func communicates(_ node: Int, _ variant: ExpectedVariant) -> Bool {
    guard let expected = variant.communication?.collective else { return true }
    let found = reading.graph[NodeID(node)]
    return (found.operation ?? expected.operation) == expected.operation
      && (found.family ?? expected.family) == expected.family
      && found.bytesIn ?? 0 == expected.input ?? found.bytesIn ?? 0
      && found.bytesOut ?? 0 == expected.output ?? found.bytesOut ?? 0
  }
}

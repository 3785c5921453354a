import Graph
import Units

extension ChunkOperations {
  /// What each node's forward keeps for the backward, in bytes, recomputation considered.
  ///
  /// - Parameter residual: bytes of the residual stream, which is what a recomputed region keeps.
  func savedBytes(residual: Int) -> [Int] {
    var saved = tape.nodes.map(\.saved.count)
    // Nodes whose output nobody keeps.
    let dropped = Set(recomputed.filter { $0.saving == .output }.flatMap(\.nodes))
    for unit in recomputed {
      switch unit.saving {
      case .interior:
        for node in unit.nodes { saved[node] = 0 }
        let first = unit.nodes[0]
        if !tape.nodes[first].inputs.contains(where: dropped.contains) { saved[first] = residual }
      case .output:
        for (index, node) in tape.nodes.enumerated() where !unit.nodes.contains(index) {
          guard saved[index] > 0, takes(from: unit.nodes, node) else { continue }
          saved[index] = node.bytesOfOutput.map { min($0, saved[index]) } ?? saved[index]
        }
      case .statistics:
        for index in unit.nodes {
          saved[index] = max(0, saved[index] - (tape.nodes[index].attentionStatistics ?? 0))
        }
      }
    }
    return saved
  }

  /// Whether a node's input is the output of others, directly or through a collective.
  private func takes(from others: [Tape.Index], _ node: TapeNode) -> Bool {
    node.inputs.contains { input in
      if others.contains(input) { return true }
      guard case .collective = tape.nodes[input].action else { return false }
      return takes(from: others, tape.nodes[input])
    }
  }
}

extension TapeNode {
  /// How much of what is saved is the node's own output: nothing of a product with a weight, the
  /// output and statistics of attention; nil where only its by-products are saved.
  fileprivate var bytesOfOutput: Int? {
    switch action {
    case .linear: return 0
    case .kernel(.attention(let kernel), _):
      let rows = kernel.batch * kernel.heads * kernel.queryLength
      return rows * (kernel.valueDimension * kernel.format.width + 4)
    default: return nil
    }
  }

  /// One fp32 number per query and head.
  fileprivate var attentionStatistics: Int? {
    guard case .kernel(.attention(let kernel), _) = action else { return nil }
    return 4 * kernel.batch * kernel.heads * kernel.queryLength
  }
}

import Graph
import Units

extension Tape {
  /// What stands for a node of the old tape on the new one.
  struct Replacement {
    /// The nodes that carry its output.
    let outputs: [Index]
    /// Whether it is split into parts that can be consumed one by one.
    var isSplit = false
  }

  /// A tape in which every node is rewritten in turn.
  ///
  /// - Parameter rewrite: appends what stands for a node, whose inputs already name new places, and
  ///   says where its output is.
  func rewriting(_ rewrite: (inout Tape, Index, TapeNode, [Replacement]) -> Replacement) -> Tape {
    var tape = Tape()
    var replacements: [Replacement] = []
    replacements.reserveCapacity(nodes.count)
    for (index, node) in nodes.enumerated() {
      let moved = TapeNode(
        kind: node.kind, layer: node.layer, action: node.action,
        inputs: node.inputs.flatMap { replacements[$0].outputs },
        sideInputs: node.sideInputs.flatMap { replacements[$0].outputs },
        parameters: node.parameters, saved: node.saved, blocksHost: node.blocksHost,
        delaysBackwardOf: node.delaysBackwardOf.flatMap { replacements[$0].outputs },
        stream: node.stream)
      let inputs = node.inputs.map { replacements[$0] }
      replacements.append(rewrite(&tape, index, moved, inputs))
    }
    return tape
  }
}

import Graph
import Units

extension ChunkOperations {
  /// What one microbatch keeps: from its forward to its backward, by when it is released; and between
  /// its input gradients and its weight gradients beside that, the gradient of each product's output
  /// and operands that the forward dropped and the backward computed again.
  func kept(_ shape: LocalShape) -> (activations: [SavedActivation], operands: [SavedActivation]) {
    let saved = savedBytes(residual: shape.residualBytes.count)
    let forWeights = bytesForWeights(ofSaved: saved)
    var activations: [SavedActivation] = []
    var operands: [SavedActivation] = []
    for (index, node) in tape.nodes.enumerated() {
      let again = node.operandOfWeights - forWeights[index]
      activations += activation(at: index, bytes: saved[index] - forWeights[index])
      activations += activation(
        at: index, bytes: forWeights[index], isKeptForWeightGradient: true)
      operands += activation(
        at: index, bytes: again + node.gradientOfOutput, isKeptForWeightGradient: true)
    }
    return (activations, operands)
  }

  /// What the forward would keep without recomputation, beyond what it keeps with it.
  func recomputedActivations(_ shape: LocalShape) -> [SavedActivation] {
    guard !recomputed.isEmpty else { return [] }
    let saved = savedBytes(residual: shape.residualBytes.count)
    return tape.nodes.indices.flatMap { index in
      activation(at: index, bytes: tape.nodes[index].saved.count - saved[index])
    }
  }

  /// How much of what each node's forward saves is read by weight gradients. The input of a region
  /// that is computed again is not: its products read what the second computation makes.
  private func bytesForWeights(ofSaved saved: [Int]) -> [Int] {
    let regions = Set(recomputed.filter { $0.saving == .interior }.flatMap(\.nodes))
    return saved.indices.map {
      regions.contains($0) ? 0 : min(saved[$0], tape.nodes[$0].operandOfWeights)
    }
  }

  private func activation(
    at index: Tape.Index, bytes: Int, isKeptForWeightGradient: Bool = false
  ) -> [SavedActivation] {
    guard bytes > 0 else { return [] }
    let node = tape.nodes[index]
    return [
      SavedActivation(
        owner: node.kind, layer: node.layer, chunk: chunk, bytes: Bytes(bytes),
        isKeptForWeightGradient: isKeptForWeightGradient)
    ]
  }
}

extension TapeNode {
  /// Bytes of what a node saves that weight gradients read: the input of a product with a weight, and
  /// the output of attention, which is the input of the product behind it.
  fileprivate var operandOfWeights: Int {
    switch action {
    case .linear: return saved.count
    case .kernel(.attention(let kernel), _):
      let rows = kernel.batch * kernel.heads * kernel.queryLength
      return min(saved.count, rows * kernel.valueDimension * kernel.format.width)
    default: return 0
    }
  }

  /// Bytes of the gradient of a product's output, in the format of the operands; a lookup's has the
  /// size of what it writes, half of its traffic.
  fileprivate var gradientOfOutput: Int {
    guard case .linear(let forward, _, _) = action else { return 0 }
    switch forward {
    case .matrixMultiply(let product):
      return product.batch * product.rows * product.columns * product.format.width
    case .groupedMatrixMultiply(let product):
      return product.rows * product.columns * product.format.width
    case .memoryBound(let traffic): return traffic.bytes.count / 2
    case .attention, .collective, .transfer: return 0
    }
  }
}

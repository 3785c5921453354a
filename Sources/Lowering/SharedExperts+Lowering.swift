import Graph
import Model
import Parallelism

extension ChunkLowering {
  /// The parameters of the shared experts, or nil where the block has none.
  mutating func addSharedParameters(_ block: MixtureOfExperts)
    -> (up: [Int], down: [Int], gate: [Int])?
  {
    guard block.sharedIntermediateSize > 0 else { return nil }
    let inner = divided(block.sharedIntermediateSize, by: shape.plan.tensor)
    let matrices = block.isGated ? 2 : 1
    return (
      parameters.add(.sharedUp, [shape.hidden * matrices * inner]),
      parameters.add(.sharedDown, [inner * shape.hidden]),
      parameters.add(
        .sharedGate, [block.hasSharedExpertGate ? shape.hidden : 0], isReplicated: true)
    )
  }

  /// The experts that every token visits: an ordinary tensor-parallel block beside the routed ones.
  mutating func appendShared(
    _ block: MixtureOfExperts, at input: Tape.Index, owned: (up: [Int], down: [Int], gate: [Int])
  ) -> Tape.Index {
    let kinds = TensorParallelBlock(
      gather: .sharedGather, up: .sharedUp, activation: .sharedActivation, down: .sharedDown,
      scatter: .sharedScatter)
    let output = append(
      kinds, at: input, inner: divided(block.sharedIntermediateSize, by: shape.plan.tensor),
      isGated: block.isGated, up: owned.up, down: owned.down)
    return appendSharedGate(block, at: output, input: input, owned: owned.gate)
  }

  /// A learned gate on the shared experts' output, where the model has one.
  mutating func appendSharedGate(
    _ block: MixtureOfExperts, at output: Tape.Index, input: Tape.Index, owned: [Int]
  ) -> Tape.Index {
    guard block.hasSharedExpertGate else { return output }
    let work = shape.traffic(
      .activation, elements: shape.residualTokens * shape.hidden, bytesPerElement: 3 * shape.width)
    return tape.append(
      .sharedGate, .kernel(forward: work, backward: work), from: [output, input],
      parameters: owned)
  }
}

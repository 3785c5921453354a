import Graph
import Model
import Parallelism

extension ChunkLowering {
  /// Norm, up (and gate) projection, activation, down projection, residual.
  mutating func append(_ block: DenseFeedForward, at input: Tape.Index) -> Tape.Index {
    let inner = divided(block.intermediateSize, by: shape.plan.tensor)
    let matrices = block.isGated ? 2 : 1
    let ownedByNorm = parameters.add(.feedForwardNorm, normParameters, isReplicated: true)
    let ownedByUp = parameters.add(
      .feedForwardUp, [shape.hidden * matrices * inner, block.hasBias ? matrices * inner : 0])
    let ownedByDown =
      parameters.add(.feedForwardDown, [inner * shape.hidden])
      + parameters.add(.feedForwardDown, [block.hasBias ? shape.hidden : 0], isReplicated: true)

    let normed = appendNorm(.feedForwardNorm, at: input, owned: ownedByNorm)
    let kinds = TensorParallelBlock(
      gather: .feedForwardGather, up: .feedForwardUp, activation: .activation,
      down: .feedForwardDown, scatter: .feedForwardScatter)
    let scattered = append(
      kinds, at: normed, inner: inner, isGated: block.isGated, up: ownedByUp, down: ownedByDown)
    let dropped = appendDropout(.feedForwardDropout, at: scattered)
    return appendResidual(.feedForwardResidual, branch: dropped, stream: input)
  }

  /// The kinds of one column-parallel, activation, row-parallel sandwich.
  struct TensorParallelBlock {
    let gather, up, activation, down, scatter: OperationKind
  }

  /// A two-matrix block split over tensor parallelism: dense layers and shared experts.
  mutating func append(
    _ kinds: TensorParallelBlock, at input: Tape.Index, inner: Int, isGated: Bool, up: [Int],
    down: [Int]
  ) -> Tape.Index {
    let tokens = shape.tokens
    let matrices = isGated ? 2 : 1
    let gathered = appendGather(kinds.gather, at: input, width: shape.hidden)
    let raised = tape.append(
      kinds.up, linear(rows: tokens, inner: shape.hidden, columns: matrices * inner),
      from: [gathered], parameters: up,
      saving: shape.residualTokens * shape.hidden * shape.width)
    let activated = tape.append(
      kinds.activation, activation(elements: tokens * inner, isGated: isGated), from: [raised],
      saving: tokens * matrices * inner * shape.width)
    let lowered = tape.append(
      kinds.down, linear(rows: tokens, inner: inner, columns: shape.hidden), from: [activated],
      parameters: down, saving: tokens * inner * shape.width)
    return appendScatter(kinds.scatter, at: lowered)
  }

  /// An activation: gated reads two and writes one element, its backward reads three and writes two.
  func activation(elements: Int, isGated: Bool) -> TapeNode.Action {
    .kernel(
      forward: shape.traffic(
        .activation, elements: elements, bytesPerElement: (isGated ? 3 : 2) * shape.width),
      backward: shape.traffic(
        .activation, elements: elements, bytesPerElement: (isGated ? 5 : 3) * shape.width))
  }
}

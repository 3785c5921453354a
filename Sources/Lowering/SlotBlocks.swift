import Graph
import Parallelism

/// The forward of a chunk, as slots of a pipeline order run it.
struct ForwardBlocks {
  let whole: BlockTemplate
  /// For slots that run together with a backward; nil where there are none.
  let arranged: ArrangedBlock?

  init(_ block: Block, layers: Range<Int>, arrangedFor dispatcher: ExpertDispatcher?) {
    whole = BlockTemplate(block)
    arranged = dispatcher.map { ArrangedBlock(block, layers: layers, dispatcher: $0) }
  }
}

/// The backward of a chunk, as slots of a pipeline order run it.
struct BackwardBlocks {
  let whole: BlockTemplate
  /// For slots that compute only gradients of inputs, or only of weights.
  let split: (inputs: BlockTemplate, weights: BlockTemplate)?
  /// For slots that run together with a forward; nil where there are none.
  let arranged: ArrangedBlock?

  init(
    _ block: Block, chunk: Int, layers: Range<Int>, isSplit: Bool,
    arrangedFor dispatcher: ExpertDispatcher?
  ) {
    whole = BlockTemplate(block)
    let halves = isSplit ? block.split(chunk: chunk) : nil
    split = halves.map { (BlockTemplate($0.inputs), BlockTemplate($0.weights)) }
    arranged = dispatcher.map { ArrangedBlock(block, layers: layers, dispatcher: $0) }
  }

  /// The block that a backward slot runs on its own.
  func block(for pass: Pass) -> BlockTemplate {
    switch pass {
    case .inputGradient: split?.inputs ?? whole
    case .weightGradient: split?.weights ?? whole
    case .forward, .backward: whole
    }
  }
}

extension ProgramBuilder {
  /// Stamps a forward and a backward that run together, layer by layer: the exchanges of one have the
  /// products of the other to hide behind.
  mutating func stamp(
    _ forward: ArrangedBlock, chunk: Int, microbatch: Int, with backward: ArrangedBlock,
    chunk otherChunk: Int, microbatch otherMicrobatch: Int
  ) {
    var first = Stamp(forward.block, chunk: chunk, microbatch: microbatch)
    var second = Stamp(backward.block, chunk: otherChunk, microbatch: otherMicrobatch)
    place(forward.opening, of: &first)
    place(backward.opening, of: &second)
    for layer in 0..<max(forward.layers, backward.layers) {
      place(backward.stretch(.combineBackward, ofLayer: layer), of: &second)
      place(forward.stretch(.attention, ofLayer: layer), of: &first)
      place(backward.stretch(.feedForwardInputs, ofLayer: layer), of: &second)
      place(forward.stretch(.dispatch, ofLayer: layer), of: &first)
      place(backward.stretch(.feedForwardWeights, ofLayer: layer), of: &second)
      place(backward.stretch(.dispatchBackward, ofLayer: layer), of: &second)
      place(forward.stretch(.feedForward, ofLayer: layer), of: &first)
      place(forward.stretch(.combine, ofLayer: layer), of: &first)
      place(backward.stretch(.attentionInputs, ofLayer: layer), of: &second)
      place(backward.stretch(.attentionWeights, ofLayer: layer), of: &second)
      place(forward.stretch(.addition, ofLayer: layer), of: &first)
    }
    place(forward.closing, of: &first)
    place(backward.closing, of: &second)
    finish(first)
    finish(second)
  }
}

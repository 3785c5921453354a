import Graph
import Model
import Parallelism

extension DataFlow {
  /// A module that predicts one token further: norms of the next token's embedding and of the state,
  /// both through one projection, one more layer like the model's last, and a norm.
  ///
  /// The projection is column parallel: its input is gathered along the sequence, its output along
  /// the columns.
  /// - Returns: the state, which the shared head and the next module take.
  /// - SeeAlso: Megatron-LM, `multi_token_prediction.py`; DeepSeek-V3 report, section 2.2.
  mutating func prediction(_ module: Int, state: Int, sizes: StepSizes) -> Int {
    let layer = sizes.model.layers.count + module
    let token = embedding(sizes: sizes)
    let norms = [
      compute(.predictionTokenNorm, layer: layer, after: token),
      compute(.predictionStateNorm, layer: layer, after: state),
    ]
    let entry = sizes.gather(width: 2 * sizes.model.hiddenSize)
    let gathered = communicate(
      .predictionGather, layer: layer, after: norms, forward: entry.forward,
      backward: entry.backward, again: entry.forward)
    let projected = compute(
      .predictionProjection, layer: layer, after: gathered, hasWeights: true)
    let columns = share(sizes.model.hiddenSize, of: sizes.plan.tensor)
    let whole = sizes.collective(
      .allGather, over: .tensor, in: sizes.tokens * columns * sizes.width, out: sizes.streamBytes)
    let assembled = communicate(
      .predictionAssembly, layer: layer, after: projected, forward: whole,
      backward: sizes.plan.sequenceParallel
        ? sizes.collective(
          .allGather, over: .tensor, in: sizes.shardBytes, out: sizes.streamBytes) : nil)
    guard let last = sizes.model.layers.last else { return assembled }
    let output = self.layer(last, layer, input: assembled, sizes: sizes)
    return compute(.finalNorm, after: output)
  }

  /// One layer: from the residual stream to the residual stream.
  mutating func layer(_ description: TransformerLayer, _ layer: Int, input: Int, sizes: StepSizes)
    -> Int
  {
    let attended = attentionBlock(
      description.attention, layer: layer, input: input, sizes: sizes)
    return feedForwardBlock(
      description.feedForward, layer: layer, input: attended, sizes: sizes)
  }
}

import Graph
import Model
import Parallelism

/// The data flow and the parameters of all chunks of one pipeline rank.
struct StageFlow {
  let pipelineRank: Int
  let flow: DataFlow
  /// By chunk.
  let parameters: [ParameterShards]

  init(pipelineRank: Int, map: StageMap, sizes: StepSizes) {
    let order = map.order
    var flow = DataFlow(precision: sizes.configuration.precision)
    var parameters: [Int: ParameterShards] = [:]
    var spans: [Range<Int>] = []
    var handedOver: Int?
    let holdsEmbedding = map.holds(0, rank: pipelineRank)
    for (chunk, stage) in map.chunks(of: pipelineRank) {
      flow.chunk = chunk
      let first = flow.nodes.count
      var stream = flow.entry(
        from: order.previousRank(rank: pipelineRank, chunk: chunk), handedOver: handedOver,
        sizes: sizes)
      for layer in map.layers[stage] {
        stream = flow.layer(sizes.model.layers[layer], layer, input: stream, sizes: sizes)
      }
      let next = order.nextRank(rank: pipelineRank, chunk: chunk)
      handedOver = next == pipelineRank ? stream : nil
      if next == nil {
        flow.head(stream, sizes: sizes)
      } else if let next, next != pipelineRank {
        flow.send(stream, to: next, sizes: sizes)
      }
      spans.append(first..<flow.nodes.count)
      parameters[chunk] = ParameterShards(
        stage: stage, of: order.stages, layers: map.layers[stage], holdsEmbedding: holdsEmbedding,
        sharesEmbedding: sizes.model.tiesEmbeddings && holdsEmbedding, sizes: sizes)
    }
    if sizes.isTraining {
      if sizes.configuration.overlapsTensor, sizes.tokens % sizes.plan.tensor == 0 {
        flow.overlapTensor(parts: sizes.plan.tensor)
      }
      for span in spans {
        flow.recompute(
          sizes.configuration.recomputation, in: span, layers: sizes.model.layers.count)
      }
    }
    self.pipelineRank = pipelineRank
    self.flow = flow
    self.parameters = (0..<order.chunks).compactMap { parameters[$0] }
  }
}

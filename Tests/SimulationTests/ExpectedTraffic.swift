import Graph
import Model
import Parallelism

/// Bytes that ranks move in a step, in closed form from model, plan and options.
struct ExpectedTraffic {
  private let test: RandomCase
  private let hidden: Int

  init(_ test: RandomCase) {
    self.test = test
    hidden = test.model.hiddenSize
  }

  private var plan: ParallelPlan { test.plan }

  /// Tokens that a rank holds between tensor-parallel blocks in one microbatch.
  private var residualTokens: Int {
    test.configuration.sequenceLength * test.configuration.microBatchSize / plan.context
      / (plan.sequenceParallel ? plan.tensor : 1)
  }

  /// Activations, or their gradients, sent between stages by all ranks.
  var messages: Int {
    let order = test.order
    let crossings: Int =
      switch order.placement {
      case .loop: plan.pipeline > 1 ? order.stages - 1 : 0
      // The turn of the V stays on its rank.
      case .v: order.stages - 2
      case .bidirectional: order.stages - 1
      }
    return crossings * order.microbatches * plan.stageSize * residualTokens * hidden * 2
  }

  /// Tokens passed to the dispatch by all ranks, forward.
  var dispatched: Int {
    let layers =
      test.model.layers
      + (test.model.multiTokenPredictionLayers > 0
        ? Array(test.model.layers.suffix(1)) : [])
    return layers.reduce(0) { sum, layer in
      guard case .experts(let block) = layer.feedForward else { return sum }
      return sum + dispatched(block) * plan.stageSize * test.order.microbatches
    }
  }

  private func dispatched(_ block: MixtureOfExperts) -> Int {
    let ranks = plan.expert * plan.expertTensor
    let copies: Int =
      switch test.configuration.dispatcher {
      case .allToAll: plan.expert == 1 ? 0 : rows(block)
      case .allGather: ranks == 1 ? 0 : residualTokens
      case .deepEP: ranks == 1 ? 0 : reached(block) * plan.expertTensor
      }
    return copies * hidden * 2
  }

  private func rows(_ block: MixtureOfExperts) -> Int {
    let rows = residualTokens * block.topK
    guard let factor = test.configuration.capacityFactor else { return rows }
    return block.experts * Int((factor * Double(rows) / Double(block.experts)).rounded(.up))
  }

  /// Copies of a rank's tokens, one for each rank that any of a token's experts is on.
  private func reached(_ block: MixtureOfExperts) -> Int {
    var missing = 1.0
    for _ in 0..<block.topK { missing *= 1 - 1 / Double(plan.expert) }
    return Int((Double(residualTokens * plan.expert) * (1 - missing)).rounded(.up))
  }

  // Parameters.

  /// Parameters of one rank's shard.
  struct Parameters {
    var dense = 0
    var expert = 0
    /// Tensors, each of which may be padded.
    var tensors = 0
  }

  /// Parameters of a rank of a pipeline stage, chunk by chunk.
  func parameters(ofRank rank: Int) -> [Parameters] {
    let order = test.order
    let stages = (0..<order.chunks).map { order.stage(rank: rank, chunk: $0) }
    let holdsEmbedding = stages.contains(0)
    return stages.map { stage in
      var sum = Parameters()
      let first = test.layers[..<stage].reduce(0, +)
      for layer in test.model.layers[first..<first + test.layers[stage]] { add(layer, to: &sum) }
      if stage == 0 { sum.addDense([table]) }
      if stage == order.stages - 1 { addHead(to: &sum, holdsEmbedding: holdsEmbedding) }
      return sum
    }
  }

  private var table: Int { test.model.vocabularySize / plan.tensor * hidden }

  private func addHead(to sum: inout Parameters, holdsEmbedding: Bool) {
    sum.addDense([hidden])
    if !(test.model.tiesEmbeddings && holdsEmbedding) { sum.addDense([table]) }
    guard test.model.multiTokenPredictionLayers > 0, let last = test.model.layers.last else {
      return
    }
    if !holdsEmbedding { sum.addDense([table]) }
    sum.addDense([hidden, hidden, hidden, 2 * hidden * hidden / plan.tensor])
    add(last, to: &sum)
  }

  private func add(_ layer: TransformerLayer, to sum: inout Parameters) {
    sum.addDense([hidden, hidden])
    switch layer.attention {
    case .groupedQuery(let attention):
      let width = attention.heads / plan.tensor * attention.headDimension
      let keys = max(1, attention.keyValueHeads / plan.tensor) * attention.headDimension
      sum.addDense([hidden * (width + 2 * keys), width * hidden])
      if attention.hasQueryKeyNorm {
        sum.addDense([attention.headDimension, attention.headDimension])
      }
    case .latent(let attention):
      let heads = attention.heads / plan.tensor
      let rank = attention.keyValueRank
      let value = heads * attention.valueHeadDimension
      let query = heads * attention.queryHeadDimension
      if let latent = attention.queryRank {
        sum.addDense([hidden * latent, latent, latent * query])
      } else {
        sum.addDense([hidden * query])
      }
      sum.addDense([
        hidden * (rank + attention.ropeHeadDimension), rank,
        rank * (heads * attention.nopeHeadDimension + value), value * hidden,
      ])
    }
    switch layer.feedForward {
    case .dense(let block):
      sum.addDense(block.matrices(hidden, block.intermediateSize / plan.tensor))
    case .experts(let block):
      sum.addDense([hidden * block.experts])
      if block.sharedIntermediateSize > 0 {
        sum.addDense(block.matrices(hidden, block.sharedIntermediateSize / plan.tensor))
      }
      let one = block.matrices(hidden, block.intermediateSize / plan.expertTensor)
      let local = (0..<block.experts / plan.expert).flatMap { _ in one }
      if plan.expert > 1 || plan.expertTensor != plan.tensor {
        sum.addExpert(local)
      } else {
        sum.addDense(local)
      }
    }
  }
}

extension ExpectedTraffic.Parameters {
  fileprivate mutating func addDense(_ sizes: [Int]) {
    dense += sizes.reduce(0, +)
    tensors += sizes.count
  }

  fileprivate mutating func addExpert(_ sizes: [Int]) {
    expert += sizes.reduce(0, +)
    tensors += sizes.count
  }
}

extension DenseFeedForward {
  fileprivate func matrices(_ hidden: Int, _ inner: Int) -> [Int] {
    [hidden * (isGated ? 2 : 1) * inner, inner * hidden]
  }
}

extension MixtureOfExperts {
  fileprivate func matrices(_ hidden: Int, _ inner: Int) -> [Int] {
    [hidden * (isGated ? 2 : 1) * inner, inner * hidden]
  }
}

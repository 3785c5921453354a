public import Units

extension TransformerModel {
  /// Model FLOPs of one sequence, forward and backward, as `SequenceFLOPs` defines them.
  ///
  /// - Parameters:
  ///   - sequenceLength: tokens of the sequence, at least 1.
  ///   - includingMultiTokenPrediction: whether the prediction modules count too.
  public func modelFLOPs(sequenceLength: Int, includingMultiTokenPrediction: Bool = false) -> FLOPs
  {
    let work = flops(sequenceLength: sequenceLength)
    return includingMultiTokenPrediction ? work.trainingWithMultiTokenPrediction : work.training
  }

  /// `modelFLOPs` divided by the tokens of the sequence.
  public func modelFLOPsPerToken(
    sequenceLength: Int, includingMultiTokenPrediction: Bool = false
  ) -> FLOPs {
    let work = modelFLOPs(
      sequenceLength: sequenceLength, includingMultiTokenPrediction: includingMultiTokenPrediction)
    return FLOPs(work.count / Double(sequenceLength))
  }

  /// The forward pass alone: a third of `modelFLOPs`.
  public func forwardFLOPs(sequenceLength: Int) -> FLOPs {
    flops(sequenceLength: sequenceLength).forward
  }

  /// What the routers' products would add to `modelFLOPs`, forward and backward.
  public func routerFLOPs(sequenceLength: Int) -> FLOPs {
    3 * flops(sequenceLength: sequenceLength).router
  }

  /// The forward work of one sequence, by part.
  public func flops(sequenceLength: Int) -> SequenceFLOPs {
    precondition(sequenceLength >= 1, "a sequence has at least one token, got \(sequenceLength)")
    let tokens = Double(sequenceLength)
    let hidden = Double(hiddenSize)
    let logits = 2 * hidden * Double(vocabularySize)
    var sums = LayerFLOPs()
    for layer in layers { sums.add(layer, hidden: hidden, sequenceLength: tokens) }
    // One module is a layer like the last, the three norms (as Megatron counts them) and the
    // projection of two hidden states to one, and its own logits.
    var module = LayerFLOPs()
    if let last = layers.last { module.add(last, hidden: hidden, sequenceLength: tokens) }
    let moduleWork =
      module.counted + 2 * (3 * hidden + 2 * hidden * hidden) + logits
    return SequenceFLOPs(
      projections: FLOPs(tokens * sums.projections),
      coreAttention: FLOPs(tokens * sums.coreAttention),
      feedForward: FLOPs(tokens * sums.feedForward), logits: FLOPs(tokens * logits),
      router: FLOPs(tokens * sums.router),
      multiTokenPrediction: FLOPs(tokens * Double(multiTokenPredictionLayers) * moduleWork))
  }
}

/// Forward work per token, summed over layers; whole numbers, so exact below 2⁵³.
private struct LayerFLOPs {
  var projections = 0.0
  var coreAttention = 0.0
  var feedForward = 0.0
  var router = 0.0

  var counted: Double { projections + coreAttention + feedForward }

  mutating func add(_ layer: TransformerLayer, hidden: Double, sequenceLength: Double) {
    switch layer.attention {
    case .groupedQuery(let attention):
      let query = Double(attention.heads * attention.headDimension)
      let keyValue = Double(attention.keyValueHeads * attention.headDimension)
      projections += 2 * hidden * (2 * query + 2 * keyValue)
      // Half of s positions, twice (scores and values), two operations each.
      coreAttention += 2 * sequenceLength * query
    case .latent(let attention):
      projections += latentProjections(attention, hidden: hidden)
      let dimensions = attention.queryHeadDimension + attention.valueHeadDimension
      coreAttention += sequenceLength * Double(attention.heads * dimensions)
    }
    switch layer.feedForward {
    case .dense(let dense):
      feedForward += matrices(gated: dense.isGated) * hidden * Double(dense.intermediateSize)
    case .experts(let mixture):
      let width = mixture.topK * mixture.intermediateSize + mixture.sharedIntermediateSize
      feedForward += matrices(gated: mixture.isGated) * hidden * Double(width)
      router += 2 * hidden * Double(mixture.experts)
    }
  }

  /// Two operations for each element of the two or three matrices.
  private func matrices(gated: Bool) -> Double { gated ? 6 : 4 }

  /// Megatron counts the two latent norms here, one multiply-add per element of the latent.
  private func latentProjections(_ attention: LatentAttention, hidden: Double) -> Double {
    let query = Double(attention.heads * attention.queryHeadDimension)
    let keyValue = Double(
      attention.heads * (attention.nopeHeadDimension + attention.valueHeadDimension))
    let queries = attention.queryRank.map { Double($0) * (hidden + query + 1) } ?? hidden * query
    let latent = Double(attention.keyValueRank) * (hidden + keyValue + 1)
    let rotated = hidden * Double(attention.ropeHeadDimension)
    let output = Double(attention.heads * attention.valueHeadDimension) * hidden
    return 2 * (queries + latent + rotated + output)
  }
}

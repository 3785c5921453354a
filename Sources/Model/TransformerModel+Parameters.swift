extension TransformerModel {
  /// The exact number of parameters, by part.
  public var parameters: ParameterCount {
    let norm = normParameters
    let layers = layers.map(parameters(of:))
    let module =
      (layers.last?.total ?? 0) + 2 * hiddenSize * hiddenSize + 3 * norm
    return ParameterCount(
      embedding: vocabularySize * hiddenSize,
      positions: positions == .learned ? maximumPositions * hiddenSize : 0,
      layers: layers, finalNorm: norm,
      head: tiesEmbeddings ? 0 : vocabularySize * hiddenSize,
      multiTokenPrediction: multiTokenPredictionLayers * module)
  }

  /// The exact number of parameters of one layer of this model, by part.
  public func parameters(of layer: TransformerLayer) -> LayerParameterCount {
    var count = LayerParameterCount(
      attentionProjections: layer.attention.projectionParameters(hidden: hiddenSize),
      attentionNorm: layer.attention.normParameters, norms: 2 * normParameters, router: 0,
      expert: 0, experts: 0, topK: 0, sharedExperts: 0, dense: 0)
    switch layer.feedForward {
    case .dense(let dense):
      count.dense = feedForwardParameters(
        width: dense.intermediateSize, isGated: dense.isGated, hasBias: dense.hasBias)
    case .experts(let mixture):
      let biases = (mixture.hasRouterBias ? 1 : 0) + (mixture.hasCorrectionBias ? 1 : 0)
      count.router = mixture.experts * (hiddenSize + biases)
      count.expert = feedForwardParameters(
        width: mixture.intermediateSize, isGated: mixture.isGated, hasBias: mixture.hasExpertBias)
      count.experts = mixture.experts
      count.topK = mixture.topK
      count.sharedExperts = feedForwardParameters(
        width: mixture.sharedIntermediateSize, isGated: mixture.isGated, hasBias: false)
      if mixture.hasSharedExpertGate { count.sharedExperts += hiddenSize }
    }
    return count
  }

  /// A weight per element, and a bias where the mean is removed too.
  private var normParameters: Int { normalization == .layer ? 2 * hiddenSize : hiddenSize }

  private func feedForwardParameters(width: Int, isGated: Bool, hasBias: Bool) -> Int {
    let inputs = isGated ? 2 : 1
    let biases = hasBias ? inputs * width + hiddenSize : 0
    return (inputs + 1) * hiddenSize * width + biases
  }
}

extension Attention {
  /// Parameters of the projections with their biases, and of the sinks.
  fileprivate func projectionParameters(hidden: Int) -> Int {
    switch self {
    case .groupedQuery(let attention):
      let query = attention.heads * attention.headDimension
      let outputs = query + 2 * attention.keyValueHeads * attention.headDimension
      return hidden * outputs + query * hidden
        + (attention.hasProjectionBias ? outputs : 0)
        + (attention.hasOutputBias ? hidden : 0)
        + (attention.hasSinks ? attention.heads : 0)
    case .latent(let attention):
      let query = attention.heads * attention.queryHeadDimension
      let value = attention.heads * attention.valueHeadDimension
      let queries = attention.queryRank.map { $0 * (hidden + query) } ?? hidden * query
      let expansion = attention.heads * attention.nopeHeadDimension + value
      let latents = hidden * (attention.keyValueRank + attention.ropeHeadDimension)
      return queries + latents + attention.keyValueRank * expansion + value * hidden
    }
  }

  /// Weights of the norms over query and key heads, or over the latents.
  fileprivate var normParameters: Int {
    switch self {
    case .groupedQuery(let attention):
      attention.hasQueryKeyNorm ? 2 * attention.headDimension : 0
    case .latent(let attention):
      (attention.queryRank ?? 0) + attention.keyValueRank
    }
  }
}

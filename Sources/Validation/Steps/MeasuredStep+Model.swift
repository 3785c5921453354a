import Model

extension MeasuredStep {
  /// The model that the columns describe.
  ///
  /// What they cannot say (latent attention, windows, dense layers between those of experts) comes
  /// from the model's name, as its makers published it.
  var model: TransformerModel {
    let isOldGPT = !isGated && !name.contains("nemotron") && !name.contains("neox")
    return TransformerModel(
      name: modelName, family: "measured", hiddenSize: hidden, vocabularySize: vocabulary,
      maximumPositions: max(sequenceLength, 2048),
      positions: isOldGPT && !name.contains("bloom") ? .learned : .rotary,
      normalization: isGated ? .rms : .layer,
      hasDropout: isOldGPT && !name.contains("mpt"), tiesEmbeddings: isOldGPT,
      layers: (0..<layers).map { index in
        TransformerLayer(attention: attention(ofLayer: index), feedForward: block(ofLayer: index))
      }, multiTokenPredictionLayers: mentions("1 MTP") ? 1 : 0)
  }

  private var name: String { modelName.lowercased() }

  private func attention(ofLayer index: Int) -> Attention {
    if let latent { return .latent(latent) }
    let isOSS = name.contains("gpt-oss")
    return .groupedQuery(
      GroupedQueryAttention(
        heads: heads, keyValueHeads: keyValueHeads, headDimension: headDimension,
        hasQueryKeyNorm: name.contains("qwen3"), hasProjectionBias: isOSS || !isGated,
        hasOutputBias: isOSS || !isGated,
        slidingWindow: isOSS && index.isMultiple(of: 2) ? 128 : nil, hasSinks: isOSS))
  }

  /// Latent attention as DeepSeek and Moonshot AI publish it.
  private var latent: LatentAttention? {
    let hasLatent =
      name.contains("deepseek-v2") || name.contains("deepseek-v3") || name.contains("deepseek-r1")
      || name.contains("moonlight") || name.contains("kimi")
    guard hasLatent else { return nil }
    let projectsDirectly = name.contains("moonlight") || name.contains("lite")
    return LatentAttention(
      heads: heads, queryRank: projectsDirectly ? nil : 1536, keyValueRank: 512,
      nopeHeadDimension: 128, ropeHeadDimension: 64, valueHeadDimension: 128)
  }

  private func block(ofLayer index: Int) -> FeedForward {
    guard let experts, !isDense(layer: index) else {
      return .dense(
        DenseFeedForward(
          intermediateSize: feedForward, isGated: isGated, hasBias: !isGated))
    }
    let width = expertFeedForward ?? feedForward
    return .experts(
      MixtureOfExperts(
        experts: experts, topK: topK ?? 2, intermediateSize: width,
        sharedIntermediateSize: sharedWidth(each: width), isGated: isGated,
        hasExpertBias: name.contains("gpt-oss"), hasRouterBias: name.contains("gpt-oss")))
  }

  /// Whether a layer of a mixture has one feed-forward block for all tokens.
  private func isDense(layer: Int) -> Bool {
    if name.contains("maverick") { return layer.isMultiple(of: 2) }
    if name.contains("deepseek-v3") || name.contains("deepseek-r1") { return layer < 3 }
    return latent != nil && layer < 1
  }

  /// Width of all shared experts together: a count of them, or the number at the end of words.
  private func sharedWidth(each width: Int) -> Int {
    if let count = Int(sharedExperts) { return count * width }
    if let count = Double(sharedExperts) { return Int(count) * width }
    return sharedExperts.split(separator: " ").last.flatMap { Int($0) } ?? 0
  }
}

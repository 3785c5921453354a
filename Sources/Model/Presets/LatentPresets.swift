// Sizes from the config.json files that DeepSeek and Moonshot AI publish on Hugging Face.
extension TransformerModel {
  static var latentPresets: [TransformerModel] {
    [
      latent(
        "deepseek-v3", family: "deepseek_v3", heads: 128, denseLayers: 3, experts: 256,
        vocabulary: 129_280, positions: 163_840, predictionLayers: 1),
      latent(
        "kimi-k2", family: "kimi_k2", heads: 64, denseLayers: 1, experts: 384,
        vocabulary: 163_840, positions: 131_072, predictionLayers: 0),
    ]
  }

  /// Kimi-K2 keeps DeepSeek-V3's layer and changes what the parameters here say.
  private static func latent(
    _ name: String, family: String, heads: Int, denseLayers: Int, experts: Int, vocabulary: Int,
    positions: Int, predictionLayers: Int
  ) -> TransformerModel {
    let attention = Attention.latent(
      LatentAttention(
        heads: heads, queryRank: 1536, keyValueRank: 512, nopeHeadDimension: 128,
        ropeHeadDimension: 64, valueHeadDimension: 128))
    let mixture = MixtureOfExperts(
      experts: experts, topK: 8, intermediateSize: 2048, sharedIntermediateSize: 2048,
      hasCorrectionBias: true)
    let layers = (0..<61).map { index in
      TransformerLayer(
        attention: attention,
        feedForward: index < denseLayers ? .swiGLU(width: 18_432) : .experts(mixture))
    }
    return TransformerModel(
      name: name, family: family, hiddenSize: 7168, vocabularySize: vocabulary,
      maximumPositions: positions, layers: layers, multiTokenPredictionLayers: predictionLayers)
  }
}

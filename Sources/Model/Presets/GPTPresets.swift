// GPT-2 and gpt-oss: the config.json files that OpenAI publishes on Hugging Face. GPT-3 175B: table 2.1 of
// Brown et al., arXiv 2005.14165, with GPT-2's tokenizer and tied embeddings.
extension TransformerModel {
  static var gptPresets: [TransformerModel] {
    [
      gpt("gpt2", layers: 12, hidden: 768, heads: 12, positions: 1024, hasDropout: true),
      gpt("gpt2-xl", layers: 48, hidden: 1600, heads: 25, positions: 1024, hasDropout: true),
      gpt("gpt3-175b", layers: 96, hidden: 12_288, heads: 96, positions: 2048, hasDropout: false),
      gptOss("gpt-oss-20b", layers: 24, experts: 32),
      gptOss("gpt-oss-120b", layers: 36, experts: 128),
    ]
  }

  private static func gpt(
    _ name: String, layers: Int, hidden: Int, heads: Int, positions: Int, hasDropout: Bool
  ) -> TransformerModel {
    let attention = GroupedQueryAttention(
      heads: heads, keyValueHeads: heads, headDimension: hidden / heads, hasProjectionBias: true,
      hasOutputBias: true)
    let layer = TransformerLayer(
      attention: .groupedQuery(attention),
      feedForward: .dense(
        DenseFeedForward(intermediateSize: 4 * hidden, isGated: false, hasBias: true)))
    return TransformerModel(
      name: name, family: "gpt2", hiddenSize: hidden, vocabularySize: 50_257,
      maximumPositions: positions, positions: .learned, normalization: .layer,
      hasDropout: hasDropout, tiesEmbeddings: true,
      layers: Array(repeating: layer, count: layers))
  }

  private static func gptOss(_ name: String, layers: Int, experts: Int) -> TransformerModel {
    let mixture = MixtureOfExperts(
      experts: experts, topK: 4, intermediateSize: 2880, hasExpertBias: true, hasRouterBias: true)
    let decoder = (0..<layers).map { index in
      TransformerLayer(
        attention: .groupedQuery(
          GroupedQueryAttention(
            heads: 64, keyValueHeads: 8, headDimension: 64, hasProjectionBias: true,
            hasOutputBias: true, slidingWindow: index.isMultiple(of: 2) ? 128 : nil,
            hasSinks: true)),
        feedForward: .experts(mixture))
    }
    return TransformerModel(
      name: name, family: "gpt_oss", hiddenSize: 2880, vocabularySize: 201_088,
      maximumPositions: 131_072, layers: decoder)
  }
}

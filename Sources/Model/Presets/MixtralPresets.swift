// Sizes from the config.json files that Mistral AI publishes on Hugging Face, version 0.1.
extension TransformerModel {
  static var mixtralPresets: [TransformerModel] {
    [
      mixtral(
        "mixtral-8x7b", layers: 32, hidden: 4096, heads: 32, width: 14_336, positions: 32_768),
      mixtral(
        "mixtral-8x22b", layers: 56, hidden: 6144, heads: 48, width: 16_384, positions: 65_536),
    ]
  }

  private static func mixtral(
    _ name: String, layers: Int, hidden: Int, heads: Int, width: Int, positions: Int
  ) -> TransformerModel {
    let attention = GroupedQueryAttention(heads: heads, keyValueHeads: 8, headDimension: 128)
    let mixture = MixtureOfExperts(experts: 8, topK: 2, intermediateSize: width)
    let layer = TransformerLayer(
      attention: .groupedQuery(attention), feedForward: .experts(mixture))
    return TransformerModel(
      name: name, family: "mixtral", hiddenSize: hidden, vocabularySize: 32_000,
      maximumPositions: positions, layers: Array(repeating: layer, count: layers))
  }
}

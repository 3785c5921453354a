// Sizes from the config.json files that Qwen publishes on Hugging Face.
extension TransformerModel {
  static var qwenPresets: [TransformerModel] {
    [
      qwen25("qwen2.5-7b", layers: 28, hidden: 3584, heads: 28, keyValueHeads: 4, width: 18_944),
      qwen25("qwen2.5-72b", layers: 80, hidden: 8192, heads: 64, keyValueHeads: 8, width: 29_568),
      qwen3(
        "qwen3-8b", layers: 36, hidden: 4096, heads: 32, keyValueHeads: 8, .swiGLU(width: 12_288)),
      qwen3(
        "qwen3-14b", layers: 40, hidden: 5120, heads: 40, keyValueHeads: 8, .swiGLU(width: 17_408)),
      qwen3(
        "qwen3-32b", layers: 64, hidden: 5120, heads: 64, keyValueHeads: 8, .swiGLU(width: 25_600)),
      qwen3(
        "qwen3-30b-a3b", layers: 48, hidden: 2048, heads: 32, keyValueHeads: 4,
        .experts(MixtureOfExperts(experts: 128, topK: 8, intermediateSize: 768))),
      qwen3(
        "qwen3-235b-a22b", layers: 94, hidden: 4096, heads: 64, keyValueHeads: 4,
        .experts(MixtureOfExperts(experts: 128, topK: 8, intermediateSize: 1536))),
    ]
  }

  private static func qwen25(
    _ name: String, layers: Int, hidden: Int, heads: Int, keyValueHeads: Int, width: Int
  ) -> TransformerModel {
    let attention = GroupedQueryAttention(
      heads: heads, keyValueHeads: keyValueHeads, headDimension: 128, hasProjectionBias: true)
    let layer = TransformerLayer(
      attention: .groupedQuery(attention), feedForward: .swiGLU(width: width))
    return TransformerModel(
      name: name, family: "qwen2", hiddenSize: hidden, vocabularySize: 152_064,
      maximumPositions: 131_072, layers: Array(repeating: layer, count: layers))
  }

  private static func qwen3(
    _ name: String, layers: Int, hidden: Int, heads: Int, keyValueHeads: Int,
    _ feedForward: FeedForward
  ) -> TransformerModel {
    let attention = GroupedQueryAttention(
      heads: heads, keyValueHeads: keyValueHeads, headDimension: 128, hasQueryKeyNorm: true)
    let layer = TransformerLayer(attention: .groupedQuery(attention), feedForward: feedForward)
    let family = if case .dense = feedForward { "qwen3" } else { "qwen3_moe" }
    return TransformerModel(
      name: name, family: family, hiddenSize: hidden, vocabularySize: 151_936,
      maximumPositions: 40_960, layers: Array(repeating: layer, count: layers))
  }
}

extension FeedForward {
  /// A gated dense block without biases.
  static func swiGLU(width: Int) -> FeedForward {
    .dense(DenseFeedForward(intermediateSize: width, isGated: true))
  }
}

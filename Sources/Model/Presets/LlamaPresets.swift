// Sizes from the config.json files that Meta publishes on Hugging Face.
extension TransformerModel {
  static var llamaPresets: [TransformerModel] {
    [
      llama("llama-3-8b", layers: 32, hidden: 4096, heads: 32, width: 14_336, positions: 8192),
      llama("llama-3-70b", layers: 80, hidden: 8192, heads: 64, width: 28_672, positions: 8192),
      llama("llama-3.1-8b", layers: 32, hidden: 4096, heads: 32, width: 14_336, positions: 131_072),
      llama(
        "llama-3.1-70b", layers: 80, hidden: 8192, heads: 64, width: 28_672, positions: 131_072),
      llama(
        "llama-3.1-405b", layers: 126, hidden: 16_384, heads: 128, width: 53_248,
        positions: 131_072),
    ]
  }

  private static func llama(
    _ name: String, layers: Int, hidden: Int, heads: Int, width: Int, positions: Int
  ) -> TransformerModel {
    let attention = GroupedQueryAttention(heads: heads, keyValueHeads: 8, headDimension: 128)
    let layer = TransformerLayer(
      attention: .groupedQuery(attention), feedForward: .swiGLU(width: width))
    return TransformerModel(
      name: name, family: "llama", hiddenSize: hidden, vocabularySize: 128_256,
      maximumPositions: positions, layers: Array(repeating: layer, count: layers))
  }
}

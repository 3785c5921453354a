import Model
import Testing
import Units

@Suite("The key and value cache")
struct KeyValueCacheTests {
  @Test(
    "bytes per token in bf16",
    arguments: [
      ("llama-3-8b", 131_072), ("llama-3-70b", 327_680), ("qwen3-30b-a3b", 98_304),
      // DeepSeek-V3's 70 KB: Zhao et al., arXiv 2505.09343, table 1 (70.272 KB, Qwen2.5-72B 327.680 KB,
      // Llama-3.1-405B 516.096 KB).
      ("deepseek-v3", 70_272), ("qwen2.5-72b", 327_680), ("llama-3.1-405b", 516_096),
    ])
  func bytesPerToken(name: String, bytes: Int) throws {
    let model = try TransformerModel(named: name)
    #expect(model.keyValueCacheBytesPerToken(format: .bf16) == Bytes(bytes))
    #expect(model.keyValueCacheBytesPerToken(format: .fp8) == Bytes(bytes / 2))
    #expect(model.keyValueCacheBytes(tokens: 1000, format: .bf16) == Bytes(1000 * bytes))
  }

  @Test("layers with a window stop growing at it")
  func windows() throws {
    let model = try TransformerModel(named: "gpt-oss-20b")
    let perLayer = 2 * 8 * 64 * 2
    #expect(model.keyValueCacheBytes(tokens: 100, format: .bf16) == Bytes(24 * 100 * perLayer))
    #expect(
      model.keyValueCacheBytes(tokens: 1000, format: .bf16)
        == Bytes(12 * (1000 + 128) * perLayer))
    #expect(model.keyValueCacheBytes(tokens: 0, format: .bf16) == .zero)
  }
}

import Memory
import Model
import Parallelism
import Testing
import Units

@Suite("The cache of one rank")
struct KeyValueCacheShareTests {
  private func share(
    _ name: String, _ plan: ParallelPlan, layers: Range<Int>? = nil
  ) throws -> KeyValueCacheShare {
    let model = try TransformerModel(named: name)
    return KeyValueCacheShare(of: Array(model.layers[layers ?? model.layers.indices]), under: plan)
  }

  @Test("one rank of everything holds what the model holds")
  func whole() throws {
    for name in ["llama-3-8b", "deepseek-v3", "gpt-oss-20b", "qwen3-30b-a3b"] {
      let model = try TransformerModel(named: name)
      let share = try share(name, ParallelPlan())
      for format in [NumericFormat.bf16, .fp8] {
        #expect(
          share.bytes(tokens: 1000, format: format)
            == model.keyValueCacheBytes(tokens: 1000, format: format))
      }
    }
  }

  @Test("heads split until each rank has one, then they are copied")
  func heads() throws {
    let one = try share("llama-3-8b", ParallelPlan()).bytes(tokens: 64, format: .bf16)
    for (tensor, parts) in [(2, 2), (4, 4), (8, 8), (16, 8), (32, 8)] {
      let split = try share("llama-3-8b", ParallelPlan(tensor: tensor))
        .bytes(tokens: 64, format: .bf16)
      #expect(parts * split == one)
    }
  }

  @Test("a latent is copied on every tensor-parallel rank")
  func latent() throws {
    let whole = try share("deepseek-v3", ParallelPlan(tensor: 8)).bytes(tokens: 10, format: .bf16)
    #expect(whole == Bytes(10 * 70_272))
  }

  @Test("stages hold their own layers, windowed or not")
  func stages() throws {
    let perLayer = 2 * 8 * 64 * 2
    // Even layers have a window of 128.
    let first = try share("gpt-oss-20b", ParallelPlan(pipeline: 2), layers: 0..<1)
    let second = try share("gpt-oss-20b", ParallelPlan(pipeline: 2), layers: 1..<2)
    let both = [first, second].map { $0.bytes(tokens: 1000, format: .bf16).count }.sorted()
    #expect(both == [128 * perLayer, 1000 * perLayer])
  }

  @Test("context parallelism splits positions, rounding up")
  func context() throws {
    let share = try share("llama-3-8b", ParallelPlan(context: 4))
    #expect(share.bytes(tokens: 10, format: .bf16) == Bytes(3 * 131_072))
  }
}

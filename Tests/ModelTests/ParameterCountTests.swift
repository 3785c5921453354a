import Foundation
import Model
import TestSupport
import Testing

@Suite("Exact parameter counts")
struct ParameterCountTests {
  @Test(
    "totals are those of the published checkpoints",
    arguments: [
      ("qwen3-30b-a3b", 30_532_122_624), ("mixtral-8x7b", 46_702_792_704),
      ("llama-3-8b", 8_030_261_248), ("llama-3.1-8b", 8_030_261_248),
      ("deepseek-v3", 671_026_419_200), ("gpt3-175b", 174_604_259_328), ("gpt2", 124_439_808),
      ("gpt2-xl", 1_557_611_200), ("llama-3-70b", 70_553_706_496),
      ("llama-3.1-70b", 70_553_706_496),
      ("llama-3.1-405b", 405_853_388_800), ("qwen2.5-7b", 7_615_616_512),
      ("qwen2.5-72b", 72_706_203_648), ("qwen3-8b", 8_190_735_360), ("qwen3-14b", 14_768_307_200),
      ("qwen3-32b", 32_762_123_264), ("qwen3-235b-a22b", 235_093_634_560),
      ("mixtral-8x22b", 140_620_634_112), ("gpt-oss-20b", 20_914_757_184),
      ("gpt-oss-120b", 116_829_156_672), ("kimi-k2", 1_026_408_232_448),
    ])
  func totals(name: String, total: Int) throws {
    #expect(try TransformerModel(named: name).parameters.total == total)
  }

  @Test("Qwen3-30B-A3B, part by part")
  func qwen() throws {
    let count = try TransformerModel(named: "qwen3-30b-a3b").parameters
    let layer = try #require(count.layers.first)
    #expect(layer.attention == 18_874_624 && layer.attentionNorm == 256)
    #expect(layer.router == 262_144 && layer.expert == 4_718_592 && layer.norms == 4096)
    #expect(layer.total == 623_120_640 && layer.sharedExperts == 0 && layer.dense == 0)
    #expect(count.active == 3_353_032_704)
    #expect(count.activeWithoutInputEmbedding == 3_041_867_776)
    #expect(count.total - count.embedding - count.head == 29_909_792_768)
    #expect(count.multiTokenPrediction == 0)
  }

  @Test("the active parameters of Mixtral, and the layers of Mixtral, Llama-3 and GPT-3")
  func others() throws {
    let mixtral = try TransformerModel(named: "mixtral-8x7b").parameters
    #expect(mixtral.active == 12_879_925_248 && mixtral.layers[0].total == 1_451_270_144)
    let llama = try TransformerModel(named: "llama-3-8b").parameters
    #expect(llama.layers[0].total == 218_112_000 && llama.active == llama.total)
    let gpt = try TransformerModel(named: "gpt3-175b").parameters
    #expect(gpt.layers[0].total == 1_812_099_072 && gpt.head == 0)
    #expect(gpt.activeWithoutInputEmbedding == gpt.total - 2048 * 12_288)
  }

  @Test("DeepSeek-V3, with its prediction module counted apart")
  func deepSeek() throws {
    let count = try TransformerModel(named: "deepseek-v3").parameters
    #expect(count.layers[0].attention == 187_107_328 && count.layers[0].router == 0)
    #expect(count.active == 37_552_297_472)
    #expect(count.activeWithoutInputEmbedding == 36_625_618_432)
    #expect(count.multiTokenPrediction == 11_610_068_224)
    #expect(count.total + count.multiTokenPrediction == 682_636_487_424)
    // The published file repeats embedding and head for the module.
    let repeated = count.embedding + count.head
    #expect(count.total + count.multiTokenPrediction + repeated == 684_489_845_504)
  }

  @Test("gpt-oss is the table of its model card (arXiv 2508.10925, table 1), to its hundredth")
  func gptOss() throws {
    for (name, mlp, attention, active) in [
      ("gpt-oss-120b", 114.71, 0.96, 5.13), ("gpt-oss-20b", 19.12, 0.64, 3.61),
    ] {
      let count = try TransformerModel(named: name).parameters
      let experts = count.layers.reduce(0) { $0 + $1.router + $1.experts * $1.expert }
      #expect(abs(Double(experts) / 1e9 - mlp) < 0.01)
      let attentions = count.layers.reduce(0) { $0 + $1.attention }
      #expect(abs(Double(attentions) / 1e9 - attention) < 0.01)
      #expect(abs(Double(count.activeWithoutInputEmbedding) / 1e9 - active) < 0.01)
    }
  }

  @Test("every dense model uses all it has, every sparse one less")
  func activeShare() {
    for model in TransformerModel.presets {
      let count = model.parameters
      #expect((count.active < count.total) == (model.mixtureOfExperts != nil))
      #expect(count.activeWithoutInputEmbedding <= count.active)
    }
  }

  @Test("one more expert, layer or word adds exactly its own parameters")
  func increments() throws {
    var model = try TransformerModel(named: "qwen3-30b-a3b")
    let before = model.parameters
    model.vocabularySize += 1
    #expect(model.parameters.total - before.total == 2 * 2048)
    model.layers.append(model.layers[0])
    #expect(model.parameters.total - before.total == 2 * 2048 + 623_120_640)
  }

  @Test(
    "the shared table of counts agrees",
    .enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)))
  func sharedTable() throws {
    struct Table: Decodable {
      let exact: [String: [String: Double]]
    }
    let table = try JSONDecoder().decode(
      Table.self, from: SharedData.read("semantics/params_flops_memory.json"))
    for (key, name, field) in [
      ("qwen", "qwen3-30b-a3b", "total"), ("mixtral", "mixtral-8x7b", "total"),
      ("llama", "llama-3-8b", "total"), ("gpt3", "gpt3-175b", "total"),
      ("dsv3", "deepseek-v3", "main_total"),
    ] {
      let total = try TransformerModel(named: name).parameters.total
      #expect(table.exact[key]?[field] == Double(total))
    }
  }
}

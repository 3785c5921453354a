import Foundation
import Model
import TestSupport
import Testing

@Suite("Presets")
struct PresetTests {
  @Test(
    "each preset equals the published file in all but the name",
    .enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)),
    arguments: [
      ("qwen3-30b-a3b", "qwen3-30b-a3b"), ("qwen3-235b-a22b", "qwen3-235b-a22b"),
      ("qwen3-8b", "qwen3-8b"), ("qwen3-32b", "qwen3-32b"), ("mixtral-8x7b", "mixtral-8x7b-v0.1"),
      ("mixtral-8x22b", "mixtral-8x22b-v0.1"), ("llama-3.1-8b", "meta-llama-3.1-8b"),
      ("llama-3.1-70b", "meta-llama-3.1-70b"), ("llama-3.1-405b", "meta-llama-3.1-405b"),
      ("deepseek-v3", "deepseek-v3"),
    ])
  func published(preset: String, file: String) throws {
    let path = SharedData.folder.appending(path: "configs/\(file).config.json").path
    var model = try TransformerModel.resolve(path)
    #expect(model.name == file)
    model.name = preset
    #expect(model == (try TransformerModel(named: preset)))
  }

  @Test("names are unique, lower case and resolve to themselves")
  func names() throws {
    let names = TransformerModel.presets.map(\.name)
    #expect(Set(names).count == names.count && names.count == 21)
    for name in names {
      #expect(name == name.lowercased())
      #expect(try TransformerModel.resolve(name).name == name)
      #expect(try TransformerModel(named: name.uppercased()).name == name)
    }
  }

  @Test(
    "names as Hugging Face writes them are understood",
    arguments: [
      ("Qwen/Qwen3-30B-A3B", "qwen3-30b-a3b"), ("mistralai/Mixtral-8x7B-v0.1", "mixtral-8x7b"),
      ("meta-llama/Meta-Llama-3-8B", "llama-3-8b"), ("openai/gpt-oss-120b", "gpt-oss-120b"),
      ("openai-community/gpt2-xl", "gpt2-xl"), ("deepseek-ai/DeepSeek-V3", "deepseek-v3"),
    ])
  func organizations(written: String, name: String) throws {
    #expect(try TransformerModel(named: written).name == name)
    #expect(try TransformerModel.resolve(written).name == name)
  }

  @Test("an unknown name is answered with the nearest one")
  func unknown() {
    let near = #expect(throws: ModelError.self) { try TransformerModel.resolve("qwen3-30b-a3") }
    #expect(
      near?.description
        == "unknown model \"qwen3-30b-a3\"; did you mean \"qwen3-30b-a3b\"? "
        + "(the path of a config.json works as well)")
    for name in ["", "/", "something else entirely", String(repeating: "x", count: 1_000_000)] {
      let far = #expect(throws: ModelError.self) { try TransformerModel(named: name) }
      #expect(far?.description.contains("known are qwen2.5-7b") == true)
      #expect((far?.description.count ?? 0) < 500)
    }
  }

  @Test("what is written as a path and does not exist is missed as a file")
  func missingFile() {
    for path in ["./qwen3-8b", "/nowhere/qwen3-8b", "qwen3-8b.config.json"] {
      #expect(throws: ModelError.unreadable(file: path, reason: "no such file")) {
        try TransformerModel.resolve(path)
      }
    }
  }

  @Test("summaries name what a listing compares")
  func summaries() throws {
    #expect(
      try TransformerModel(named: "qwen3-30b-a3b").summary
        == "48 layers, hidden 2048, 32 heads (4 kv), 128 experts (top 8), "
        + "30.53 B parameters, 3.35 B active")
    #expect(
      try TransformerModel(named: "deepseek-v3").summary
        == "61 layers, hidden 7168, 128 heads (latent), 256 experts (top 8 and shared), "
        + "671.03 B parameters, 37.55 B active")
    #expect(
      try TransformerModel(named: "gpt2").summary
        == "12 layers, hidden 768, 12 heads, 0.12 B parameters")
  }
}

import Model
import Testing
import Units

@Suite("Model FLOPs by Megatron's convention")
struct SequenceFLOPsTests {
  @Test(
    "one sequence forward and backward, to the last operation",
    arguments: [
      ("qwen3-30b-a3b", 94_233_729_957_888, 23_006_281_728),
      ("mixtral-8x7b", 326_477_644_038_144, 79_706_456_064),
      ("llama-3-8b", 197_628_625_158_144, 48_249_176_064),
      ("deepseek-v3", 1_023_230_173_249_536, 249_812_054_016),
    ])
  func megatron(name: String, perSequence: Int, perToken: Int) throws {
    let model = try TransformerModel(named: name)
    #expect(model.modelFLOPs(sequenceLength: 4096) == FLOPs(perSequence))
    #expect(model.modelFLOPsPerToken(sequenceLength: 4096) == FLOPs(perToken))
    #expect(3 * model.forwardFLOPs(sequenceLength: 4096) == FLOPs(perSequence))
  }

  @Test("GPT-3 with its vocabulary padded to 51,200")
  func gpt3() throws {
    var model = try TransformerModel(named: "gpt3-175b")
    model.vocabularySize = 51_200
    #expect(model.modelFLOPs(sequenceLength: 2048) == FLOPs(2_174_868_359_479_296))
    #expect(model.modelFLOPsPerToken(sequenceLength: 2048) == FLOPs(1_061_947_441_152))
  }

  @Test("NVIDIA's published pair of TFLOP/s and tokens/s per GPU is one step of Qwen3-30B-A3B")
  func publishedPair() throws {
    let model = try TransformerModel(named: "qwen3-30b-a3b")
    let published = 299.352e12 / 13_011.378
    let ratio = model.modelFLOPsPerToken(sequenceLength: 4096).count / published
    #expect(abs(ratio - 1) < 1e-4)
    #expect(fixed(published / 1e9, 3) == "23.007")
  }

  @Test("the router is counted apart: 2·s·h·E forward in each layer, thrice in training")
  func router() throws {
    let model = try TransformerModel(named: "qwen3-30b-a3b")
    #expect(model.routerFLOPs(sequenceLength: 4096) == FLOPs(3 * 48 * 2 * 4096 * 2048 * 128))
    let dense = try TransformerModel(named: "qwen3-8b")
    #expect(dense.routerFLOPs(sequenceLength: 4096) == .zero)
  }

  @Test("a prediction module adds a layer, a projection, three norms and logits")
  func multiTokenPrediction() throws {
    let model = try TransformerModel(named: "deepseek-v3")
    var longer = model
    longer.layers.append(try #require(model.layers.last))
    let layer =
      longer.modelFLOPs(sequenceLength: 4096).count - model.modelFLOPs(sequenceLength: 4096).count
    let ends = Double(6 * 4096 * (7168 * 129_280 + 3 * 7168 + 2 * 7168 * 7168))
    let with = model.modelFLOPs(sequenceLength: 4096, includingMultiTokenPrediction: true)
    #expect(with.count - model.modelFLOPs(sequenceLength: 4096).count == layer + ends)
    let kimi = try TransformerModel(named: "kimi-k2")
    #expect(
      kimi.modelFLOPs(sequenceLength: 4096, includingMultiTokenPrediction: true)
        == kimi.modelFLOPs(sequenceLength: 4096))
  }

  @Test("parts add up, and only core attention grows faster than the sequence", arguments: 1...8)
  func laws(scale: Int) {
    for model in TransformerModel.presets {
      let once = model.flops(sequenceLength: 128)
      let more = model.flops(sequenceLength: 128 * scale)
      let factor = Double(scale)
      #expect(more.projections == factor * once.projections)
      #expect(more.feedForward == factor * once.feedForward)
      #expect(more.logits == factor * once.logits)
      #expect(more.coreAttention == (factor * factor) * once.coreAttention)
      #expect(
        more.forward == more.projections + more.coreAttention + more.feedForward + more.logits)
    }
  }

  @Test("a model of only matrix products does two operations per active parameter and token")
  func twoPerParameter() throws {
    let model = try TransformerModel(named: "llama-3-8b")
    let work = model.flops(sequenceLength: 1024)
    let count = model.parameters
    let norms = count.finalNorm + count.layers.reduce(0) { $0 + $1.norms }
    let products = work.forward.count - work.coreAttention.count
    #expect(products == Double(2 * 1024 * (count.activeWithoutInputEmbedding - norms)))
  }

  @Test("a sliding window does not change the convention")
  func slidingWindow() throws {
    let model = try TransformerModel(named: "gpt-oss-20b")
    var full = model
    full.layers = model.layers.map { layer in
      guard case .groupedQuery(var attention) = layer.attention else { return layer }
      attention.slidingWindow = nil
      return TransformerLayer(attention: .groupedQuery(attention), feedForward: layer.feedForward)
    }
    #expect(full.flops(sequenceLength: 8192) == model.flops(sequenceLength: 8192))
  }
}

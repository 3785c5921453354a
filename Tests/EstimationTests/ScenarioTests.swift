import Estimation
import Graph
import Hardware
import Model
import Parallelism
import Testing

@Suite("A scenario is legal or says why not") struct ScenarioTests {
  private func refusal(_ question: Question) -> String? {
    do {
      _ = try question.scenario()
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test("every broken rule is named at once")
  func everyRule() throws {
    let text = try #require(
      refusal(Question(model: "llama-3-8b", plan: "TP3-PP5-EP2", sequenceLength: 4000)))
    for part in [
      "TP3 does not divide 32 attention heads", "TP3 neither divides 8 KV heads",
      "14336 columns", "EP2 needs experts", "32 layers do not fill PP5", "4000 tokens over CP1·TP3",
    ] {
      #expect(text.contains(part), "names: \(part)")
    }
  }

  @Test("a global batch that does not split is named beside the other rules")
  func unevenBatch() throws {
    let question = Question(model: "llama-3-8b", plan: "TP2-DP3-PP3")
    let legal = try Question.dense.scenario()
    #expect(throws: ScenarioError.self) {
      try Scenario(
        model: legal.model, plan: ParallelPlan(parsing: question.plan),
        configuration: legal.configuration, cluster: legal.cluster, globalBatchSize: 16)
    }
    do {
      _ = try Scenario(
        model: legal.model, plan: ParallelPlan(parsing: question.plan),
        configuration: legal.configuration, cluster: legal.cluster, globalBatchSize: 16)
    } catch {
      #expect("\(error)".contains("32 layers do not fill PP3"))
      #expect("\(error)".contains("16 sequences is no multiple of micro batch 1 · DP3"))
    }
  }

  @Test("learned positions end where their table ends; rotary ones go on")
  func positions() throws {
    #expect(refusal(Question(model: "gpt2", plan: "DP1", sequenceLength: 1024)) == nil)
    let text = try #require(
      refusal(Question(model: "gpt2", plan: "DP1", sequenceLength: 1025)))
    #expect(text.contains("1,024 positions that gpt2 has learned; use a sequence of at most 1024"))
    let cache = Question(model: "gpt2", plan: "DP1", phase: .decode, sequenceLength: 2048)
    #expect(refusal(cache) != nil)
    #expect(refusal(Question(model: "llama-3-8b", plan: "DP1", sequenceLength: 65536)) == nil)
  }

  /// Micro batch, tokens per sequence, microbatches.
  private static let oversized: [(Int, Int, Int)] = [
    (1, 1_073_741_824, 1), (1_073_741_824, 1_073_741_824, 1_073_741_824),
    (Int.max, Int.max, Int.max), (1_048_576, 4096, 1), (1, 4096, 1_048_576),
    (1, 64, 1_073_741_824), (1, 67_108_864, 1),
  ]

  @Test(
    "steps too large to compute with are refused before anything overflows", arguments: oversized)
  func sizes(microBatch: Int, sequence: Int, microbatches: Int) {
    for phase in [StepPhase.train, .prefill] {
      let question = Question(
        model: "llama-3-70b", plan: "DP1", phase: phase, sequenceLength: sequence,
        microBatchSize: microBatch, microbatches: microbatches)
      #expect(refusal(question)?.contains("use a ") == true, "\(phase)")
    }
  }

  /// The Llama 3 Herd of Models, Table 4; DeepSeek-V3 Technical Report: 15,360 sequences of 4,096
  /// tokens on 2,048 GPUs.
  private static let largestPublished: [Question] = [
    Question(
      model: "llama-3.1-405b", plan: "TP8-PP14-DP128", sequenceLength: 8192, microbatches: 16),
    Question(
      model: "llama-3.1-405b", plan: "TP8-CP16-PP14-DP8", sequenceLength: 131_072,
      microbatches: 16),
    Question(model: "deepseek-v3", plan: "EP64-DP32", microbatches: 8),
  ]

  @Test("the largest published jobs are small enough", arguments: largestPublished)
  func published(question: Question) {
    #expect(refusal(question) == nil)
  }

  @Test("what a model asks of a plan does not depend on the step")
  func requirements() throws {
    let needs = PlanRequirements(model: try TransformerModel(named: "qwen3-30b-a3b"))
    #expect(needs.heads == 32)
    #expect(needs.kvHeads == 4)
    #expect(needs.layers == 48)
    #expect(needs.experts == 128)
    #expect(needs.expertFeedForward == 768)
    #expect(needs.globalBatchSize == nil)
  }
}

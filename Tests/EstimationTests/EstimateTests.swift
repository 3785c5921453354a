import Analysis
import Estimation
import Graph
import Hardware
import Memory
import Model
import Parallelism
import Simulation
import Testing
import Units

@Suite("An estimate agrees with itself") struct EstimateTests {
  @Test(
    "every rank's classes of time sum to the step, to the picosecond", arguments: Question.examples)
  func totals(question: Question) throws {
    let estimate = try question.estimate()
    let ranks = estimate.scenario.plan.worldSize
    #expect(estimate.breakdown.ranks.count == ranks)
    for rank in estimate.breakdown.ranks { #expect(rank.total == estimate.timeline.makespan) }
    #expect(estimate.breakdown.sum.total == ranks * estimate.timeline.makespan)
    let stages = estimate.breakdown.stages.reduce(Ticks.zero) { $0 + $1.total }
    #expect(stages == estimate.breakdown.sum.total)
    let path = estimate.criticalPath.spans.reduce(Ticks.zero) { $0 + $1.value }
    #expect(path == estimate.timeline.makespan)
  }

  @Test("throughput times the period is the tokens of the batch", arguments: Question.examples)
  func throughput(question: Question) throws {
    let estimate = try question.estimate()
    let replicas = estimate.scenario.plan.data
    let sequences = question.microBatchSize * question.microbatches * replicas
    let each = question.phase == .decode ? 1 : question.sequenceLength
    let tokens =
      estimate.tokensPerSecondPerGPU * estimate.period.value
      * Double(estimate.scenario.plan.worldSize)
    #expect(estimate.scenario.tokens == sequences * each)
    #expect(abs(tokens / Double(sequences * each) - 1) < 1e-12)
    if question.phase != .decode { #expect(estimate.period == estimate.step) }
  }

  @Test(
    "utilization is model FLOPs per second over the dense peak, below one",
    arguments: Question.examples)
  func utilization(question: Question) throws {
    let estimate = try question.estimate()
    let work = estimate.modelFLOPsPerToken.count * estimate.tokensPerSecondPerGPU
    #expect(abs(estimate.utilization / (work / 989.5e12) - 1) < 1e-12)
    #expect(estimate.utilization > 0)
    #expect(estimate.utilization < 1)
  }

  /// The Llama 3 Herd of Models, 2024, Table 4: the throughput and utilization of three
  /// configurations, within the table's rounding to whole percent (0.7 points).
  @Test(
    "published pairs of throughput and utilization", arguments: [(430, 43), (400, 41), (380, 38)])
  func publishedPairs(teraflops: Int, percent: Int) throws {
    let cluster = try Cluster.named("dgx-h100")
    let peak = try #require(cluster.device.peak.rate(of: .bf16))
    let share = Throughput.teraflopsPerSecond(Double(teraflops)) / peak
    #expect(abs(100 * share - Double(percent)) < 0.7)
  }

  @Test("a prompt's token is a third of a trained one", arguments: ["llama-3-8b", "qwen3-30b-a3b"])
  func prefillWork(model: String) throws {
    // Enough microbatches to make little of the optimizer.
    let train = try Question(model: model, plan: "DP1", microbatches: 8).estimate()
    let prefill = try Question(model: model, plan: "DP1", phase: .prefill, microbatches: 8)
      .estimate()
    // All but the logits, of which a prompt needs those of its last position only.
    let ratio = prefill.modelFLOPsPerToken.count / train.modelFLOPsPerToken.count
    #expect((0.28...1.0 / 3).contains(ratio))
    // Experts start one product each in training stacks, and one for all in serving stacks.
    let time = prefill.step / train.step
    #expect((0.15...0.45).contains(time), "prefill takes \(time) of a training step")
  }

  @Test(
    "a decode step reads every weight and the whole cache at no more than memory bandwidth",
    arguments: [1, 8, 64])
  func decodeFloor(batch: Int) throws {
    let question = Question(
      model: "llama-3-8b", plan: "TP1", phase: .decode, microBatchSize: batch, microbatches: 1)
    let estimate = try question.estimate()
    let model = estimate.scenario.model
    let table = Bytes(2 * model.vocabularySize * model.hiddenSize)
    let memory = estimate.memory[0]
    let read = memory.parameters - table + memory.keyValueCache
    let floor = read / estimate.scenario.cluster.device.memory.bandwidth
    #expect(estimate.step >= floor)
    #expect(estimate.step <= 4 * floor)
  }

  @Test("more sequences decode more tokens per second, in more time")
  func decodeBatch() throws {
    let estimates = try [1, 16, 128].map { batch in
      try Question(
        model: "llama-3-8b", plan: "TP1", phase: .decode, microBatchSize: batch, microbatches: 1
      ).estimate()
    }
    for (small, large) in zip(estimates, estimates.dropFirst()) {
      #expect(small.step < large.step)
      #expect(small.tokensPerSecondPerGPU < large.tokensPerSecondPerGPU)
    }
  }

  @Test("a decode token does the work of a prompt's last one")
  func decodeWork() throws {
    let question = Question(
      model: "llama-3-8b", plan: "TP1", phase: .decode, sequenceLength: 1000, microBatchSize: 8,
      microbatches: 1)
    let estimate = try question.estimate()
    let model = estimate.scenario.model
    // The difference of two prompts is their last token; half a causal block of one is all of it.
    let last =
      model.forwardFLOPs(sequenceLength: 1000).count
      - model.forwardFLOPs(sequenceLength: 999).count
    #expect(abs(estimate.modelFLOPsPerToken.count / last - 1) < 1e-3)
  }

  @Test("the KV cache of grouped heads splits over tensor and pipeline ranks")
  func groupedCache() throws {
    let question = Question(
      model: "llama-3-8b", plan: "TP2-PP2", phase: .decode, microBatchSize: 16, microbatches: 4,
      sequenceParallel: false)
    // Keys and values, 8 heads of 128, bf16, 32 layers.
    let perToken = 2 * 8 * 128 * 2 * 32
    for stage in try question.estimate().memory {
      #expect(stage.keyValueCache == Bytes(64 * 4096 * perToken / 4))
      #expect(stage.gradients == .zero)
      #expect(stage.optimizer == .zero)
    }
  }

  @Test("the KV cache of a latent is whole on every tensor rank")
  func latentCache() throws {
    let question = Question(
      model: "deepseek-v3", plan: "EP8-TP8", phase: .decode, microBatchSize: 8, microbatches: 1)
    let memory = try question.estimate().memory[0]
    #expect(memory.keyValueCache == Bytes(8 * 4096 * (512 + 64) * 2 * 61))
  }

  @Test("a step that does not fit is flagged, and the same model split further is not")
  func outOfMemory() throws {
    let whole = try Question(model: "llama-3-70b", plan: "TP8", microbatches: 1).estimate()
    #expect(!whole.fitsMemory)
    #expect(whole.peakMemory > whole.memoryCapacity)
    let split = try Question(model: "llama-3-70b", plan: "TP8-PP4-DP2").estimate()
    #expect(split.fitsMemory)
    #expect(split.peakMemory == split.memory.map(\.peak).max())
  }

  @Test("ZeRO-1 keeps 18 bytes per parameter on one replica and fewer on several")
  func optimizerShards() throws {
    let one = try Question(model: "llama-3-8b", plan: "TP8", microbatches: 1).estimate()
    let four = try Question(model: "llama-3-8b", plan: "TP8-DP4", microbatches: 1).estimate()
    let parameters = one.memory[0].parameters.count / 2
    #expect(one.memory[0].persistent == Bytes(18 * parameters))
    #expect(abs(four.memory[0].persistent.count - 9 * parameters) < 1000)
  }
}

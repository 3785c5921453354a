import Cost
import Estimation
import Graph
import Hardware
import Memory
import Model
import Parallelism
import Testing
import Units

@Suite("Serving")
struct ServingEstimateTests {
  private func estimate(
    _ name: String, _ plan: ParallelPlan, _ phase: StepPhase, batch: Int = 1, microbatches: Int = 1,
    length: Int = 4096, cluster: String = "dgx-h100",
    adjust: (inout StepConfiguration) -> Void = { _ in }
  ) throws -> Estimate {
    var configuration = StepConfiguration(
      phase: phase, sequenceLength: length, microBatchSize: batch, microbatches: microbatches,
      schedule: .forwardOnly)
    configuration.usesCUDAGraphs = phase == .decode
    adjust(&configuration)
    return try Estimate(
      Scenario(
        model: try TransformerModel(named: name), plan: plan, configuration: configuration,
        cluster: try Cluster.named(cluster)))
  }

  private func dense(_ tensor: Int) -> ParallelPlan {
    ParallelPlan(tensor: tensor, sequenceParallel: false)
  }

  @Test("a decode step of 8B in bf16 on one H100 takes five to seven milliseconds")
  func smallModel() throws {
    let serving = try #require(try estimate("llama-3.1-8b", dense(1), .decode).serving)
    let time = try #require(serving.timePerOutputToken)
    #expect((5...7).contains(time.milliseconds))
    #expect(serving.timeToFirstToken == nil)
    #expect(try abs(#require(serving.tokensPerSecondPerUser) * time.value - 1) < 1e-9)
  }

  @Test("a decode step reads weights and cache once, within 2.5 times of the memory's speed")
  func memoryBound() throws {
    let estimate = try estimate("llama-3-70b", dense(8), .decode, batch: 8)
    let memory = estimate.memory[0]
    // The embedding table is looked up, not read.
    let table = Bytes(128_256 / 8 * 8192 * 2)
    let read = memory.parameters - table + memory.keyValueCache
    let bound = read / estimate.scenario.cluster.device.memory.bandwidth
    #expect(estimate.step >= bound)
    #expect(estimate.step <= 2.5 * bound)
  }

  @Test("a prefill of 4,096 tokens runs at most of the achievable rate")
  func prefill() throws {
    let estimate = try estimate("llama-3.1-8b", dense(1), .prefill)
    let work = 4096 * estimate.modelFLOPsPerToken
    let rates = estimate.scenario.cluster.device.rates.gemm.achievable
    let rate = try #require(rates.rate(of: .bf16))
    let share = work / estimate.step / rate
    #expect((0.5...0.9).contains(share))
    #expect(estimate.serving?.timeToFirstToken == estimate.step)
    #expect(estimate.serving?.timePerOutputToken == nil)
  }

  @Test("DeepSeek-V3 over 64 GPUs, 64 sequences each, decodes in forty to eighty milliseconds")
  func largeModel() throws {
    let plan = ParallelPlan(expert: 64, data: 64)
    let estimate = try estimate("deepseek-v3", plan, .decode, batch: 64)
    #expect((40...80).contains(estimate.step.milliseconds))
    #expect(estimate.serving?.keyValueCacheBytesPerToken == Bytes(70_272))
    #expect(estimate.serving?.keyValueCachePerSequence == Bytes(4096 * 70_272))
  }

  @Test("the full batch fits and one more sequence does not")
  func fullBatch() throws {
    let limit = try #require(
      try estimate("llama-3.1-8b", dense(1), .decode, batch: 64).serving?.maximumBatchPerReplica)
    #expect((100...140).contains(limit))
    // Activations are counted per sequence, rounded up, so the limit may be one too careful.
    #expect(try estimate("llama-3.1-8b", dense(1), .decode, batch: limit).fitsMemory)
    #expect(try !estimate("llama-3.1-8b", dense(1), .decode, batch: limit + 2).fitsMemory)
  }

  @Test("a model whose weights do not fit serves nobody")
  func noRoom() throws {
    #expect(try estimate("llama-3-70b", dense(1), .decode).serving?.maximumBatchPerReplica == 0)
  }

  @Test("an 8-bit cache doubles the sequences and shortens the step")
  func eightBits() throws {
    let wide = try estimate("llama-3.1-8b", dense(1), .decode, batch: 64)
    let narrow = try estimate("llama-3.1-8b", dense(1), .decode, batch: 64) {
      $0.keyValueCacheFormat = .fp8
    }
    #expect(narrow.step < wide.step)
    #expect(2 * narrow.memory[0].keyValueCache == wide.memory[0].keyValueCache)
    let most = try #require(narrow.serving?.maximumBatchPerReplica)
    let fewer = try #require(wide.serving?.maximumBatchPerReplica)
    #expect(abs(most - 2 * fewer) <= 3)
  }

  @Test("without a CUDA graph a small step is bound by launches, with one it pays a single launch")
  func launches() throws {
    let captured = try estimate("gpt2", dense(1), .decode, length: 128)
    let eager = try estimate("gpt2", dense(1), .decode, length: 128) { $0.usesCUDAGraphs = false }
    let launch = eager.scenario.cluster.host.launch
    let operations = Double(eager.graph.programs[0].operations.count)
    #expect(eager.step >= operations * launch)
    #expect(captured.step < eager.step)
    let kernels = captured.graph.programs[0].operations.reduce(Seconds.zero) {
      $0 + captured.costs.duration(ofWork: $1.work, groupIndex: 0).seconds
    }
    #expect(abs((captured.step - kernels - launch).microseconds) < 0.001)
  }

  @Test("several microbatches hide the fill of a pipeline: its period is that of the slowest stage")
  func pipeline() throws {
    let plan = ParallelPlan(tensor: 4, pipeline: 2, sequenceParallel: false)
    let one = try estimate("llama-3-70b", plan, .decode, batch: 8)
    let four = try estimate("llama-3-70b", plan, .decode, batch: 8, microbatches: 4)
    #expect(one.serving?.timePerOutputToken == one.step)
    let period = try #require(four.serving?.timePerOutputToken)
    #expect(period < four.step)
    #expect(period >= 2 * one.step * 0.9 && period <= 2 * one.step * 1.2)
  }

  @Test("a serving stack launches all experts as one kernel")
  func fusedExperts() throws {
    // aiconfigurator, H100: 80 tokens, 128 experts, top 8, 2048 × 384: 226 µs for the whole block.
    let device = try Cluster.named("dgx-h100").device
    let up = groupedGEMMCost(
      of: GroupedMatrixMultiply(groups: 128, rows: 640, columns: 768, inner: 2048), on: device,
      for: .serving)
    let down = groupedGEMMCost(
      of: GroupedMatrixMultiply(groups: 128, rows: 640, columns: 2048, inner: 384), on: device,
      for: .serving)
    let products = (up.duration + down.duration).microseconds
    #expect((0.8...1.05).contains(products / 226))
  }

  @Test("training serves nobody and keeps nothing for serving")
  func training() throws {
    let estimate = try estimate("gpt2", ParallelPlan(), .train, length: 1024) {
      $0.schedule = .gpipe
    }
    #expect(estimate.serving == nil)
    #expect(estimate.memory[0].reserve == .zero)
  }
}

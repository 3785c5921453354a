import Estimation
import Graph
import Hardware
import Memory
import Model
import Parallelism
import Testing
import Units

/// Deployments of dense models, mixtures of experts and latent attention, over every axis.
private let deployments: [(model: String, plan: ParallelPlan)] = [
  ("llama-3.1-8b", ParallelPlan(tensor: 2, sequenceParallel: false)),
  ("llama-3.1-8b", ParallelPlan(tensor: 16, sequenceParallel: false)),
  ("llama-3.1-8b", ParallelPlan(tensor: 2, context: 2, sequenceParallel: false)),
  ("llama-3-70b", ParallelPlan(tensor: 4, pipeline: 2, sequenceParallel: false)),
  ("qwen3-30b-a3b", ParallelPlan(tensor: 2, expert: 4, expertTensor: 1, data: 2)),
  ("qwen3-30b-a3b", ParallelPlan(expert: 8, data: 8)),
  ("gpt-oss-20b", ParallelPlan(tensor: 4, data: 2)),
  ("deepseek-v3", ParallelPlan(tensor: 4, expert: 32, expertTensor: 1, data: 8)),
  ("deepseek-v3", ParallelPlan(expert: 32, data: 32)),
]

@Suite("Laws of serving")
struct ServingLawTests {
  private func estimate(
    _ deployment: Int, _ phase: StepPhase, batch: Int = 8, length: Int = 4096
  ) throws -> Estimate {
    var configuration = StepConfiguration(
      phase: phase, sequenceLength: length, microBatchSize: batch, microbatches: 1,
      schedule: .forwardOnly)
    configuration.usesCUDAGraphs = phase == .decode
    return try Estimate(
      Scenario(
        model: try TransformerModel(named: deployments[deployment].model),
        plan: deployments[deployment].plan, configuration: configuration,
        cluster: try Cluster.named("dgx-h100")))
  }

  @Test("more sequences and longer caches take longer", arguments: deployments.indices)
  func growth(deployment: Int) throws {
    let base = try estimate(deployment, .decode)
    let fuller = try estimate(deployment, .decode, batch: 128)
    let longer = try estimate(deployment, .decode, length: 32_768)
    #expect(base.step < fuller.step)
    #expect(base.step < longer.step)
    #expect(base.tokensPerSecondPerGPU < fuller.tokensPerSecondPerGPU)
    let limits = [base, longer].compactMap { $0.serving?.maximumBatchPerReplica }
    #expect(limits[1] <= limits[0])
  }

  @Test(
    "a prompt takes longer than a token and the cache is the same", arguments: deployments.indices)
  func phases(deployment: Int) throws {
    let prefill = try estimate(deployment, .prefill)
    let decode = try estimate(deployment, .decode)
    #expect(prefill.step > decode.step)
    #expect(prefill.memory.map(\.keyValueCache) == decode.memory.map(\.keyValueCache))
    #expect(prefill.memory.map(\.parameters) == decode.memory.map(\.parameters))
    #expect(prefill.peakMemory > .zero)
  }
}

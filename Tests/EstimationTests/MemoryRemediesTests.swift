import Graph
import Hardware
import Memory
import Model
import Parallelism
import Testing
import Units

@testable import Estimation

@Suite("memory remedies")
struct MemoryRemediesTests {
  /// A step of a named model that needs more than the 78 GiB of an H100.
  private func scenario(
    _ name: String = "llama-3-8b", _ plan: String = "TP2-PP2-DP2", sequence: Int = 8192,
    microBatch: Int = 4, microbatches: Int = 2, adjust: (inout StepConfiguration) -> Void = { _ in }
  ) throws -> Scenario {
    var configuration = StepConfiguration(
      sequenceLength: sequence, microBatchSize: microBatch, microbatches: microbatches)
    adjust(&configuration)
    return try Scenario(
      model: TransformerModel(named: name), plan: ParallelPlan(parsing: plan),
      configuration: configuration, cluster: Cluster.named("dgx-h100"))
  }

  @Test("every remedy fits, tells the truth about its time, and the fastest comes first")
  func truth() async throws {
    let estimate = try Estimate(scenario())
    #expect(!estimate.fitsMemory)
    let found = await MemoryRemedies(for: estimate)
    #expect(!found.remedies.isEmpty && found.remedies.count <= 5)
    for remedy in found.remedies {
      let again = try Estimate(remedy.scenario)
      #expect(again.step == remedy.step)
      #expect(again.peakMemory == remedy.peak)
      #expect(again.fitsMemory)
      #expect(remedy.scenario.globalBatchSize == estimate.scenario.globalBatchSize)
      #expect(remedy.scenario.plan.worldSize == estimate.scenario.plan.worldSize)
    }
    #expect(found.remedies.map(\.step) == found.remedies.map(\.step).sorted())
    #expect(found.rows.map(\.[0]) == found.remedies.map(\.summary))
    #expect(found.summary.contains("Stage 0 needs "))
  }

  @Test("each stage that does not fit says by how much")
  func overflows() async throws {
    let estimate = try Estimate(scenario())
    let found = await MemoryRemedies(for: estimate, limit: 1)
    #expect(found.remedies.count == 1)
    for overflow in found.overflows {
      #expect(overflow.memory.peak == found.capacity + overflow.excess)
    }
    #expect(
      found.overflows.map(\.memory.pipelineRank)
        == estimate.memory.filter { $0.peak > estimate.memoryCapacity }.map(\.pipelineRank))
  }

  @Test("the same question gets the same remedies")
  func determinism() async throws {
    let estimate = try Estimate(scenario())
    let first = await MemoryRemedies(for: estimate)
    let second = await MemoryRemedies(for: estimate)
    #expect(first == second)
  }

  @Test("a step that fits needs none")
  func fits() async throws {
    let found = await MemoryRemedies(for: try Estimate(scenario(sequence: 1024)))
    #expect(found.overflows.isEmpty && found.remedies.isEmpty)
  }

  @Test("where no single change suffices, two do")
  func pairs() async throws {
    let estimate = try Estimate(
      scenario("llama-3-70b", "PP2-DP8", sequence: 8192, microBatch: 1, microbatches: 1))
    let found = await MemoryRemedies(for: estimate)
    for remedy in found.remedies {
      #expect(remedy.peak <= found.capacity)
      #expect((1...2).contains(remedy.changes.count))
    }
    #expect(!found.remedies.isEmpty)
  }

  @Test("one layer less of full recomputation would not fit")
  func smallestBlock() async throws {
    let estimate = try Estimate(scenario())
    let found = await MemoryRemedies(for: estimate, limit: 20)
    let blocks = found.remedies.compactMap { remedy -> (Int, MemoryRemedy)? in
      guard case .recomputation(.block(let layers)) = remedy.changes[0] else { return nil }
      return (layers, remedy)
    }
    let (layers, remedy) = try #require(blocks.first)
    var configuration = remedy.scenario.configuration
    configuration.recomputation = layers == 1 ? .none : .block(layers: layers - 1)
    let milder = try Scenario(
      model: remedy.scenario.model, plan: remedy.scenario.plan, configuration: configuration,
      cluster: remedy.scenario.cluster)
    #expect(try !Estimate(milder).fitsMemory)
  }

  @Test("JSON holds what the report says")
  func json() async throws {
    let found = await MemoryRemedies(for: try Estimate(scenario()), limit: 2)
    let json = MemoryRemediesJSON(found)
    #expect(json.remedies.map(\.stepSeconds) == found.remedies.map(\.step.value))
    #expect(json.overflows.map(\.excessBytes) == found.overflows.map(\.excess.count))
    #expect(json.overflows.allSatisfy { $0.owners.reduce(0) { $0 + $1.bytes } == $0.peakBytes })
  }

  @Test("a mixture of experts is offered more expert parallelism, a dense model is not")
  func experts() throws {
    let sparse = try scenario("qwen3-30b-a3b", "EP2-TP2-PP2-DP4", sequence: 1024)
    let dense = try scenario(sequence: 1024)
    #expect(!RemedyFamily.expert.changes(of: sparse).isEmpty)
    #expect(RemedyFamily.expert.changes(of: dense).isEmpty)
  }

  @Test("serving is offered a narrower cache, and nothing that only training has")
  func serving() throws {
    let decode = try scenario(sequence: 1024) { $0.phase = .decode }
    #expect(RemedyFamily.keyValueCache.changes(of: decode) == [.keyValueCache(.fp8)])
    for family in [RemedyFamily.selectiveRecomputation, .sharding, .optimizerOffload, .fusedLoss] {
      #expect(family.changes(of: decode).isEmpty)
    }
  }
}

import Graph
import Model
import Parallelism
import Testing
import Units

@testable import Lowering

@Suite("multi-token prediction")
struct PredictionTests {
  private func graph(modules: Int, tensor: Int = 2, pipeline: Int = 2) throws -> StepGraph {
    var model = InvariantTests.mixture
    model.multiTokenPredictionLayers = modules
    let plan = ParallelPlan(tensor: tensor, pipeline: pipeline, data: 2)
    var configuration = StepConfiguration(sequenceLength: 128, microbatches: 2)
    configuration.multiTokenPrediction = true
    let graph = try lower(model, plan, configuration)
    try graph.validate()
    _ = try graph.played { _ in 1 }
    return graph
  }

  @Test("a module adds a layer, a projection of two widths to one, and a head", arguments: [1, 2])
  func work(modules: Int) throws {
    let plain = try graph(modules: 0)
    let more = try graph(modules: modules)
    let layer = plain.flops(.forward) { $0.layer == 7 }
    let head = plain.flops(.forward) { $0.kind == .head }
    let projection = Double(2 * 2 * 128 * 2 * 64 * 64)
    #expect(
      more.flops(.forward) == plain.flops(.forward)
        + Double(modules) * (layer + head + projection))
    #expect(
      more.census(stage: 0).values.reduce(0, +) == plain.census(stage: 0).values.reduce(0, +) + 1)
    #expect(more.count(stage: 1) { $0.kind == .loss && $0.pass == .forward } == 2 * (modules + 1))
  }

  @Test("the last stage copies the embedding, whose gradients are added up")
  func embedding() throws {
    let more = try graph(modules: 1)
    let tables = more.programs.map { program in
      program.storage.parameters.count { $0.owner == .embeddingLookup }
    }
    #expect(tables == [1, 1])
    #expect(more.count(stage: 1) { $0.kind == .embeddingGradientReduce } == 1)
    let alone = try graph(modules: 1, pipeline: 1)
    #expect(alone.programs[0].storage.parameters.count { $0.owner == .embeddingLookup } == 1)
    #expect(alone.count(stage: 0) { $0.kind == .embeddingGradientReduce } == 0)
  }

  @Test("modules that are not asked for leave no trace")
  func off() throws {
    var model = InvariantTests.mixture
    model.multiTokenPredictionLayers = 1
    let plan = ParallelPlan(tensor: 2, pipeline: 2, data: 2)
    let configuration = StepConfiguration(sequenceLength: 128, microbatches: 2)
    let without = try lower(model, plan, configuration)
    model.multiTokenPredictionLayers = 0
    #expect(without == (try lower(model, plan, configuration)))
  }

  @Test("a module has the parameters that the model counts")
  func parameters() throws {
    let plain = try graph(modules: 0, tensor: 1, pipeline: 1)
    let more = try graph(modules: 1, tensor: 1, pipeline: 1)
    let sums = [plain, more].map { graph in
      graph.programs[0].storage.parameters.reduce(0) { $0 + $1.elements }
    }
    var model = InvariantTests.mixture
    model.multiTokenPredictionLayers = 1
    #expect(sums[1] - sums[0] == model.parameters.multiTokenPrediction)
  }
}

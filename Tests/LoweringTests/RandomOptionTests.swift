import Graph
import Parallelism
import Testing
import Units

@testable import Lowering

@Suite("options in combination")
struct RandomOptionTests {
  /// A linear congruential generator with Knuth's constants, so that a seed names a case.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 33)
    }
  }

  @Test("every legal combination is sound and conserves the forward's FLOPs", arguments: 0..<60)
  func combination(seed: UInt64) throws {
    var generator = Generator(state: seed &+ 1)
    for _ in 0..<4 { _ = generator.next() }
    func pick<Value>(_ values: [Value]) -> Value {
      values[Int.random(in: values.indices, using: &generator)]
    }
    let tensor = pick([1, 2, 4])
    let plan = ParallelPlan(
      tensor: tensor, context: pick([1, 2, 4]), pipeline: pick([1, 2]), expert: pick([1, 2, 4]),
      expertTensor: pick([1, tensor]), data: 4 * tensor)
    var configuration = StepConfiguration(sequenceLength: 128, microbatches: 3)
    configuration.sharding = pick(DataSharding.allCases)
    configuration.shardingDegree = pick([nil, nil, 2, 4, plan.data])
    configuration.contextExchange = pick([.ring, .allGather, .allToAll, .hierarchical(inner: 2)])
    configuration.dispatcher = pick(ExpertDispatcher.allCases)
    configuration.overlapsTensor = pick([false, true])
    configuration.precision = pick(Precision.allCases)
    configuration.optimizerOffload = pick([0, 0.5])
    configuration.activationOffloadLayers = pick([0, 1, 3])
    configuration.overlapsGradientReduce = pick([false, true])
    let model = InvariantTests.mixture
    guard configuration.optionViolations(of: model, under: plan).isEmpty else { return }
    let graph = try lower(model, plan, configuration)
    try graph.expectSound()

    var plain = StepConfiguration(sequenceLength: 128, microbatches: 3)
    plain.contextExchange = .ring
    let reference = try lower(model, plan, plain)
    for stage in 0..<plan.pipeline {
      for pass in OperationPass.allCases {
        let found = graph.flops(stage: stage, pass: pass)
        let expected = reference.flops(stage: stage, pass: pass)
        #expect(abs(found - expected) <= 1e-9 * expected, "\(plan) \(configuration)")
      }
    }
  }
}

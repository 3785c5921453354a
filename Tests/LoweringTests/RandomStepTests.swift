import Graph
import Model
import Parallelism
import Testing
import Units

@testable import Lowering

/// Small numbers from a seed: the same cases on every machine.
struct Dice {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func roll(_ sides: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state >> 33) % sides
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[roll(elements.count)] }
}

@Suite("random steps")
struct RandomStepTests {
  @Test(
    "any combination of options keeps the invariants, ends, and conserves FLOPs", arguments: 1...60)
  func anyCombination(seed: Int) throws {
    var dice = Dice(seed: UInt64(seed))
    let pipeline = dice.pick([1, 2, 4])
    let chunks = pipeline > 1 ? dice.pick([1, 2]) : 1
    let tensor = dice.pick([1, 2])
    let expert = dice.pick([1, 2])
    let plan = ParallelPlan(
      tensor: tensor, pipeline: pipeline, virtualPipeline: chunks, expert: expert,
      expertTensor: dice.pick([1, tensor]), data: 2)
    var model = InvariantTests.mixture
    model.multiTokenPredictionLayers = dice.roll(2)
    var configuration = StepConfiguration(sequenceLength: 64, microbatches: 8)
    configuration.multiTokenPrediction = true
    configuration.overlapsMessages = dice.roll(2) == 0
    let schedules: [PipelineSchedule] = [.oneForwardOneBackward, .zeroBubbleH1, .breadthFirst]
    configuration.schedule = dice.pick(schedules)
    configuration.layout = dice.pick([
      .even, .custom(layout(stages: plan.stages, &dice)),
    ])
    let isPaired =
      configuration.schedule == .oneForwardOneBackward && (pipeline == 1 || chunks > 1)
      && dice.roll(2) == 0
    let modules = Set(RecomputedModule.allCases.filter { _ in dice.roll(2) == 0 })
    configuration.recomputation =
      isPaired
      ? .selective(modules.subtracting([.mixtureOfExperts]))
      : dice.pick([.none, .uniform(interval: 2), .block(layers: 1), .selective(modules)])
    var order = try configuration.schedule.order(
      ranks: pipeline, chunks: chunks, microbatches: 8, overlappingExperts: isPaired)
    if isPaired { order = order.pairing }
    let graph = try StepGraph(lowering: model, under: plan, as: configuration, order: order)
    try graph.validate()
    _ = try graph.played { _ in 1 }
    var bare = StepConfiguration(sequenceLength: 64, microbatches: 8)
    bare.multiTokenPrediction = true
    let plain = try StepGraph(
      lowering: model, under: ParallelPlan(tensor: tensor, data: 2), as: bare,
      order: PipelineSchedule.gpipe.order(ranks: 1, microbatches: 8))
    for pass in [OperationPass.forward, .inputGradient, .weightGradient] {
      #expect(abs(graph.flops(pass) / plain.flops(pass) - 1) < 1e-12, "\(pass)")
    }
    #expect(graph.flops(.weightGradient) > 0)
    if configuration.recomputation == .uniform(interval: 2) {
      #expect(
        abs(graph.flops(.recompute) / plain.flops(.forward) { $0.layer != nil } - 1) < 1e-12)
    }
  }

  /// Eight layers thrown onto stages, some of which may stay empty.
  private func layout(stages: Int, _ dice: inout Dice) -> [Int] {
    var counts = [Int](repeating: 0, count: stages)
    for _ in 0..<8 { counts[dice.roll(stages)] += 1 }
    return counts
  }
}

import Audit
import Graph
import Model
import Parallelism
import Testing

@testable import Lowering

@Suite("strategies in combination")
struct RandomStrategyTests {
  /// Small numbers from a seed: the same cases on every machine.
  private struct Dice {
    private var state: UInt64

    init(seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func roll(_ sides: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state >> 33) % sides
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[roll(elements.count)] }

    mutating func isLucky(_ sides: Int = 2) -> Bool { roll(sides) == 0 }
  }

  private static func plan(_ dice: inout Dice, hasExperts: Bool) -> ParallelPlan {
    let tensor = dice.pick([1, 1, 2])
    let pipeline = dice.pick([1, 2, 2])
    let expert = hasExperts ? dice.pick([1, 2, 4]) : 1
    return ParallelPlan(
      tensor: tensor, context: dice.pick([1, 1, 2, 4]), pipeline: pipeline,
      virtualPipeline: dice.pick([1, 2]), expert: expert, expertTensor: dice.pick([1, tensor]),
      data: 4, sequenceParallel: !dice.isLucky(8) || hasExperts,
      rankOrder: dice.pick(RankOrder.allCases))
  }

  private static func model(_ dice: inout Dice) -> TransformerModel {
    var model =
      switch dice.roll(4) {
      case 0: Sample.latentModel(queryRank: dice.pick([nil, 48]))
      case 1: Sample.smallModel(layers: 4, experts: false, dropout: dice.isLucky())
      default: Sample.smallModel(layers: 4, experts: true, shared: dice.pick([0, 64]))
      }
    model.tiesEmbeddings = dice.isLucky()
    model.multiTokenPredictionLayers = dice.roll(2)
    return model
  }

  private static func schedule(_ dice: inout Dice, _ plan: ParallelPlan) -> PipelineSchedule {
    let loops: [PipelineSchedule] = [.breadthFirst, .zeroBubbleH1, .oneForwardOneBackward]
    return plan.virtualPipeline == 1
      ? dice.pick(loops + [.gpipe, .zeroBubbleH2])
      : dice.pick(loops + [.interleavedZeroBubble, .zeroBubbleV, .dualPipeV, .vHalf])
  }

  private static func step(
    _ dice: inout Dice, _ plan: ParallelPlan, _ model: TransformerModel
  ) -> StepConfiguration {
    var step = StepConfiguration(sequenceLength: 64, microbatches: 4)
    step.schedule = schedule(&dice, plan)
    step.layout = layout(&dice, layers: model.layers.count, stages: plan.stages)
    step.sharding = dice.pick(DataSharding.allCases)
    step.shardingDegree = dice.pick([nil, nil, 1, 2, 4])
    let modules = Set(RecomputedModule.allCases.filter { _ in dice.isLucky() })
    // Layers whose microbatches run in turns are not recomputed as a whole.
    step.recomputation =
      step.schedule == .dualPipeV
      ? .selective(modules.subtracting([.mixtureOfExperts]))
      : dice.pick([
        .none, .uniform(interval: 1), .uniform(interval: 2), .block(layers: 1),
        .selective(modules),
      ])
    step.contextExchange = dice.pick([
      .ring, .allGather, .allToAll, .hierarchical(inner: 1), .hierarchical(inner: 2),
    ])
    // Microbatches run in turns around an all-to-all.
    step.dispatcher =
      step.schedule == .dualPipeV ? .allToAll : dice.pick(ExpertDispatcher.allCases)
    step.capacityFactor = dice.pick([nil, nil, 1.25])
    step.precision = dice.pick(Precision.allCases)
    step.overlapsTensor = dice.isLucky()
    step.overlapsSharedExperts = dice.isLucky()
    step.overlapsMessages = dice.isLucky()
    step.overlapsGradientReduce = dice.isLucky()
    step.overlapsParameterGather = dice.isLucky()
    step.fusesCrossEntropy = dice.isLucky()
    step.auxiliaryLoss = dice.isLucky()
    step.multiTokenPrediction = dice.isLucky()
    step.optimizerOffload = dice.pick([0, 0, 0.5])
    step.activationOffloadLayers = dice.pick([0, 0, 1, 2])
    return step
  }

  private static func layout(_ dice: inout Dice, layers: Int, stages: Int) -> PipelineLayout {
    if layers % stages == 0, dice.isLucky() { return .even }
    var counts = [Int](repeating: 0, count: stages)
    for _ in 0..<layers { counts[dice.roll(stages)] += 1 }
    return .custom(counts)
  }

  /// A legal step from a seed; nil where the seed's is not.
  private static func sample(seed: Int) -> Sample? {
    var dice = Dice(seed: seed)
    for _ in 0..<8 { _ = dice.roll(2) }
    let model = model(&dice)
    let plan = plan(&dice, hasExperts: model.mixtureOfExperts != nil)
    let step = step(&dice, plan, model)
    let needs = PlanRequirements(experts: model.mixtureOfExperts?.experts)
    guard plan.check(needs).isEmpty, step.optionViolations(of: model, under: plan).isEmpty,
      (try? step.schedule.order(
        ranks: plan.pipeline, chunks: plan.virtualPipeline, microbatches: step.microbatches)) != nil
    else { return nil }
    return Sample(name: "seed \(seed)", model: model, plan: plan, step: step)
  }

  /// The first legal steps.
  private static let samples = Array(
    (1...5000).lazy.compactMap { sample(seed: $0) }.prefix(150))

  @Test("what the builder makes of any of them is what the audit expects", arguments: samples)
  func ownGraphsAreCorrect(sample: Sample) throws {
    let report = sample.audit.examine(try sample.observed())
    let findings = report.findings.map(\.summary).joined(separator: "\n")
    #expect(report.isCorrect, "\(sample.plan) \(sample.step)\n\(findings)")
  }
}

import Graph
import Model
import Parallelism
import TestGraphs
import Units

/// A miniature model, a plan of up to 64 ranks and a step that is legal for both, with every option of
/// a step drawn at random.
struct RandomCase: CustomStringConvertible {
  let model: TransformerModel
  let plan: ParallelPlan
  let configuration: StepConfiguration
  let order: PipelineOrder
  /// Layers of each stage.
  let layers: [Int]

  var description: String { "\(plan) \(configuration) layers \(layers)" }

  init(seed: Int) throws {
    var random = SeededGenerator(seed: seed)
    func pick<Value>(_ values: [Value]) -> Value {
      values[Int.random(in: values.indices, using: &random)]
    }
    // Most worlds are small, because a test plays every rank.
    let world = pick([4, 8, 8, 16, 16, 64])
    let pipeline = pick([1, 2, 2, 4])
    let schedule = Self.schedule(ranks: pipeline, using: &random)
    let tensor = pick([1, 1, 2, 4].filter { $0 <= world / pipeline })
    let context = pick([1, 1, 2, 4].filter { $0 <= world / pipeline / tensor })
    let data = pick([1, 2, 4].filter { $0 <= world / pipeline / tensor / context })
    let family = pick(Self.families)
    let stageRanks = tensor * context * data
    let hasExperts = family != .dense
    let expertTensor = hasExperts ? pick([1, tensor]) : tensor
    let expert =
      hasExperts ? pick([1, 2, 4, 8].filter { stageRanks % ($0 * expertTensor) == 0 }) : 1
    let hasSameReplicas = stageRanks == data * expert * expertTensor
    plan = ParallelPlan(
      tensor: tensor, context: context, pipeline: pipeline,
      virtualPipeline: schedule.chunks, expert: expert, expertTensor: expertTensor, data: data,
      sequenceParallel: hasExperts || pick([true, true, false]),
      rankOrder: hasSameReplicas ? pick(RankOrder.allCases) : .pipelineLast)
    layers = Self.layers(stages: plan.stages, using: &random)
    model = Self.model(family, layers: layers.reduce(0, +), using: &random)
    configuration = Self.configuration(
      schedule, layers: layers, plan: plan, model: model, using: &random)
    order = try schedule.schedule.order(
      ranks: pipeline, chunks: schedule.chunks, microbatches: schedule.microbatches,
      overlappingExperts: configuration.overlapsExperts)
  }

  private enum Family: CaseIterable { case dense, mixture, latent }
  private static let families = Family.allCases

  /// Now and then a stage holds no layer, and its neighbour two.
  private static func layers(stages: Int, using random: inout SeededGenerator) -> [Int] {
    var layers = [Int](repeating: 1, count: stages)
    if random.once(in: 4) { layers[0] += 1 }
    if stages > 1, random.once(in: 4) {
      layers[stages - 1] -= 1
      layers[stages - 2] += 1
    }
    return layers
  }

  private static func model(_ family: Family, layers: Int, using random: inout SeededGenerator)
    -> TransformerModel
  {
    let isGated = !random.once(in: 3)
    let grouped = Attention.groupedQuery(
      GroupedQueryAttention(
        heads: 16, keyValueHeads: random.once(in: 3) ? 2 : 16, headDimension: 4,
        hasQueryKeyNorm: random.once(in: 2)))
    let latent = Attention.latent(
      LatentAttention(
        heads: 16, queryRank: random.once(in: 2) ? nil : 24, keyValueRank: 16,
        nopeHeadDimension: 4, ropeHeadDimension: 2, valueHeadDimension: 4))
    let dense = FeedForward.dense(DenseFeedForward(intermediateSize: 96, isGated: isGated))
    let experts = FeedForward.experts(
      MixtureOfExperts(
        experts: 8, topK: 2, intermediateSize: 32,
        sharedIntermediateSize: random.once(in: 2) ? 32 : 0, isGated: isGated))
    return TransformerModel(
      name: "miniature", family: "random", hiddenSize: 64, vocabularySize: 256,
      maximumPositions: 4096, hasDropout: random.once(in: 4), tiesEmbeddings: random.once(in: 2),
      layers: (0..<layers).map { layer in
        TransformerLayer(
          attention: family == .latent ? latent : grouped,
          feedForward: family == .dense || layer == 0 && random.once(in: 2) ? dense : experts)
      }, multiTokenPredictionLayers: random.once(in: 4) ? 1 : 0)
  }

  // Schedules.

  private typealias Pipelining = (schedule: PipelineSchedule, chunks: Int, microbatches: Int)

  private static func schedule(ranks: Int, using random: inout SeededGenerator) -> Pipelining {
    let few = Int.random(in: 1...3, using: &random)
    var choices: [Pipelining] = [
      (.gpipe, 1, few), (.oneForwardOneBackward, 1, few), (.zeroBubbleH1, 1, few),
      (.breadthFirst, 1, few), (.oneForwardOneBackward, 1, few + 1),
    ]
    if ranks > 1 {
      choices += [
        (.oneForwardOneBackward, 2, ranks), (.interleaved(groupSize: nil), 2, 2 * ranks),
        (.interleaved(groupSize: ranks + 1), 2, ranks + 1), (.breadthFirst, 2, few),
        (.zeroBubbleH1, 2, ranks), (.zeroBubbleH2, 1, ranks + few),
        (.interleavedZeroBubble, 2, ranks), (.zeroBubbleV, 2, 2 * ranks),
        (.vHalf, 2, ranks), (.vMin, 2, ranks), (.dualPipe, 1, 2 * ranks), (.chimera, 1, ranks),
        (.dualPipe, 1, 2 * ranks + 2), (.dualPipeV, 2, 2 * ranks),
      ]
    }
    return choices[Int.random(in: choices.indices, using: &random)]
  }

  // Options.

  private static func configuration(
    _ pipelining: Pipelining, layers: [Int], plan: ParallelPlan, model: TransformerModel,
    using random: inout SeededGenerator
  ) -> StepConfiguration {
    func pick<Value>(_ values: [Value]) -> Value {
      values[Int.random(in: values.indices, using: &random)]
    }
    var configuration = StepConfiguration(
      sequenceLength: 32, microBatchSize: pick([1, 2]), microbatches: pipelining.microbatches,
      schedule: pipelining.schedule)
    let overlapping: [PipelineSchedule] = [.oneForwardOneBackward, .interleaved(groupSize: nil)]
    configuration.overlapsExperts =
      overlapping.contains(pipelining.schedule) && (plan.pipeline == 1 || pipelining.chunks > 1)
      && pick([true, false])
    configuration.layout = .custom(layers)
    configuration.sharding = pick(DataSharding.allCases)
    let replicas = plan.data * plan.context
    configuration.shardingDegree = pick(
      [nil, nil]
        + (1...replicas).filter {
          replicas % $0 == 0 && AxisCuts(instances: replicas / $0).fit(plan)
        })
    configuration.contextExchange = pick(
      [.ring, .allGather, .allToAll, .hierarchical(inner: 1)]
        + (plan.context % 2 == 0 ? [.hierarchical(inner: 2)] : []))
    if model.layers.contains(where: { !$0.attention.hasHeads(for: plan) }) {
      configuration.contextExchange = pick([.ring, .allGather])
    }
    configuration.dispatcher = pick(ExpertDispatcher.allCases)
    let isAllToAll = configuration.dispatcher == .allToAll
    configuration.capacityFactor = isAllToAll ? pick([nil, nil, 1, 1.5]) : nil
    configuration.overlapsSharedExperts = isAllToAll && pick([true, false])
    configuration.precision = pick(Precision.allCases)
    configuration.overlapsGradientReduce = pick([true, false])
    configuration.overlapsParameterGather = pick([true, false])
    configuration.fusesCrossEntropy = pick([true, false])
    configuration.auxiliaryLoss = pick([true, false])
    configuration.multiTokenPrediction = true
    configuration.overlapsMessages = pick([true, true, false])
    configuration.overlapsTensor = plan.sequenceParallel && pick([true, false])
    configuration.optimizerOffload = pick([0, 0, 0.5, 1])
    configuration.activationOffloadLayers = pick([0, 0, 1, 3])
    configuration.usesCUDAGraphs = pick([false, false, true])
    configuration.routerFormat = pick([.fp32, .bf16])
    let pairs =
      configuration.overlapsExperts || [.dualPipe, .dualPipeV].contains(pipelining.schedule)
    configuration.recomputation = recomputation(
      pairs: pairs, overlapsShared: configuration.overlapsSharedExperts, using: &random)
    return configuration
  }

  private static func recomputation(
    pairs: Bool, overlapsShared: Bool, using random: inout SeededGenerator
  ) -> Recomputation {
    var modules = Set<RecomputedModule>()
    for module in RecomputedModule.allCases where random.once(in: 2) { modules.insert(module) }
    if pairs { modules.remove(.mixtureOfExperts) }
    if overlapsShared { modules.remove(.sharedExperts) }
    switch Int.random(in: 0..<(pairs ? 3 : 5), using: &random) {
    case 0: return .none
    case 1, 2: return .selective(modules)
    case 3: return .uniform(interval: 2)
    default: return .block(layers: 1)
    }
  }
}

extension Attention {
  /// Whether every context rank gets a query and a key head of a tensor rank's.
  fileprivate func hasHeads(for plan: ParallelPlan) -> Bool {
    switch self {
    case .groupedQuery(let attention):
      max(1, attention.keyValueHeads / plan.tensor) % plan.context == 0
        && attention.heads / plan.tensor % plan.context == 0
    case .latent(let attention): attention.heads / plan.tensor % plan.context == 0
    }
  }
}

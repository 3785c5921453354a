import Audit
import Graph
import Lowering
import Model
import Parallelism
import Testing

/// A model, a plan and a step that the builder and the audit both get.
struct Sample: CustomTestStringConvertible {
  let name: String
  let model: TransformerModel
  let plan: ParallelPlan
  let step: StepConfiguration

  var testDescription: String { name }

  var audit: Audit { Audit(model: model, plan: plan, configuration: step) }

  func graph() throws -> StepGraph {
    let order = try step.schedule.order(
      ranks: plan.pipeline, chunks: plan.virtualPipeline, microbatches: step.microbatches,
      overlappingExperts: step.overlapsExperts)
    return try StepGraph(lowering: model, under: plan, as: step, order: order)
  }

  func observed() throws -> ObservedGraph { ObservedGraph(enumerating: try graph()) }
}

extension Sample {
  /// A model small enough to write every mutation of.
  static func smallModel(
    layers: Int = 4, experts: Bool, shared: Int = 0, ties: Bool = false, dropout: Bool = false
  ) -> TransformerModel {
    let attention = Attention.groupedQuery(
      GroupedQueryAttention(heads: 8, keyValueHeads: 4, headDimension: 16, hasQueryKeyNorm: true))
    let block: FeedForward =
      experts
      ? .experts(
        MixtureOfExperts(
          experts: 8, topK: 2, intermediateSize: 64, sharedIntermediateSize: shared))
      : .dense(DenseFeedForward(intermediateSize: 256, isGated: true))
    return TransformerModel(
      name: experts ? "small-moe" : "small-dense", family: "test", hiddenSize: 128,
      vocabularySize: 1024, maximumPositions: 4096, hasDropout: dropout, tiesEmbeddings: ties,
      layers: Array(
        repeating: TransformerLayer(attention: attention, feedForward: block), count: layers))
  }

  static func small(
    _ name: String, experts: Bool, plan: ParallelPlan, microbatches: Int = 2, shared: Int = 0,
    ties: Bool = false, dropout: Bool = false, adjust: (inout StepConfiguration) -> Void = { _ in }
  ) -> Sample {
    var step = StepConfiguration(sequenceLength: 64, microbatches: microbatches)
    adjust(&step)
    return Sample(
      name: name,
      model: smallModel(experts: experts, shared: shared, ties: ties, dropout: dropout),
      plan: plan, step: step)
  }

  /// TP2-PP2-EP2-DP2 with the experts sharded like everything else.
  static let moe = small(
    "moe", experts: true,
    plan: ParallelPlan(tensor: 2, pipeline: 2, expert: 2, data: 4))

  /// TP2-PP2-DP2.
  static let dense = small(
    "dense", experts: false, plan: ParallelPlan(tensor: 2, pipeline: 2, data: 2))

  /// Latent attention, a first dense layer and a shared expert, as DeepSeek-V3 has them.
  static func latentModel(queryRank: Int?) -> TransformerModel {
    let attention = Attention.latent(
      LatentAttention(
        heads: 8, queryRank: queryRank, keyValueRank: 32, nopeHeadDimension: 16,
        ropeHeadDimension: 8, valueHeadDimension: 16))
    let experts = MixtureOfExperts(
      experts: 8, topK: 2, intermediateSize: 64, sharedIntermediateSize: 64,
      hasSharedExpertGate: true)
    return TransformerModel(
      name: "small-latent", family: "test", hiddenSize: 128, vocabularySize: 1024,
      maximumPositions: 4096,
      layers: [
        TransformerLayer(
          attention: attention,
          feedForward: .dense(DenseFeedForward(intermediateSize: 256, isGated: true))),
        TransformerLayer(attention: attention, feedForward: .experts(experts)),
      ])
  }

  /// Biases, learned positions, dropout and layer norms, as GPT-3 has them; a vocabulary that does
  /// not divide.
  static let oldModel = TransformerModel(
    name: "small-gpt", family: "test", hiddenSize: 128, vocabularySize: 1021,
    maximumPositions: 256, positions: .learned, normalization: .layer, hasDropout: true,
    tiesEmbeddings: true,
    layers: Array(
      repeating: TransformerLayer(
        attention: .groupedQuery(
          GroupedQueryAttention(
            heads: 8, keyValueHeads: 8, headDimension: 16, hasProjectionBias: true,
            hasOutputBias: true)),
        feedForward: .dense(
          DenseFeedForward(intermediateSize: 512, isGated: false, hasBias: true))), count: 2))

  /// The published deployment with one microbatch.
  static func flagship() throws -> Sample {
    Sample(
      name: "flagship", model: try TransformerModel(named: "qwen3-30b-a3b"),
      plan: ParallelPlan(tensor: 4, pipeline: 2, expert: 8, data: 32),
      step: StepConfiguration(sequenceLength: 4096, microbatches: 1))
  }

  private static var decodeStep: StepConfiguration {
    StepConfiguration(
      phase: .decode, sequenceLength: 64, microBatchSize: 8, microbatches: 2,
      schedule: .forwardOnly)
  }

  /// Plans and steps that reach every branch of the rules.
  static let variety: [Sample] = [
    moe, dense,
    small(
      "moe with whole experts", experts: true,
      plan: ParallelPlan(tensor: 2, pipeline: 2, expert: 4, expertTensor: 1, data: 4)),
    small(
      "moe with one expert per rank", experts: true,
      plan: ParallelPlan(tensor: 2, expert: 8, expertTensor: 1, data: 4)),
    small("moe alone", experts: true, plan: ParallelPlan()),
    small("moe replicated", experts: true, plan: ParallelPlan(data: 4)),
    small("moe without router loss", experts: true, plan: ParallelPlan(expert: 4, data: 4)) {
      $0.auxiliaryLoss = false
    },
    small(
      "moe with shared experts", experts: true,
      plan: ParallelPlan(tensor: 2, expert: 2, data: 2), shared: 64),
    small("dense alone", experts: false, plan: ParallelPlan()),
    small("dense, pipeline only", experts: false, plan: ParallelPlan(pipeline: 4)),
    small(
      "dense, interleaved", experts: false,
      plan: ParallelPlan(tensor: 2, pipeline: 2, virtualPipeline: 2, data: 2), microbatches: 4),
    small(
      "dense without sequence parallelism", experts: false,
      plan: ParallelPlan(tensor: 2, pipeline: 2, data: 2, sequenceParallel: false)),
    small(
      "dense with context parallelism", experts: false,
      plan: ParallelPlan(tensor: 2, context: 2, data: 2)),
    small(
      "dense, tied, with dropout", experts: false,
      plan: ParallelPlan(tensor: 2, pipeline: 2, data: 2), ties: true, dropout: true),
    small(
      "dense, data last", experts: false,
      plan: ParallelPlan(tensor: 2, pipeline: 2, data: 2, rankOrder: .dataLast)),
    small(
      "dense without ZeRO", experts: false, plan: ParallelPlan(tensor: 2, pipeline: 2, data: 2)
    ) { $0.sharding = .none },
    small("dense without overlap", experts: false, plan: ParallelPlan(tensor: 2, data: 2)) {
      $0.overlapsGradientReduce = false
      $0.overlapsParameterGather = false
      $0.fusesCrossEntropy = true
    },
    small("dense, all forward first", experts: false, plan: ParallelPlan(pipeline: 2, data: 2)) {
      $0.schedule = .gpipe
    },
    Sample(
      name: "latent attention", model: latentModel(queryRank: 48),
      plan: ParallelPlan(tensor: 2, expert: 2, data: 2),
      step: StepConfiguration(sequenceLength: 64, microbatches: 2)),
    Sample(
      name: "latent attention without query latent", model: latentModel(queryRank: nil),
      plan: ParallelPlan(tensor: 2, pipeline: 2, expert: 2, expertTensor: 1, data: 2),
      step: StepConfiguration(sequenceLength: 64, microbatches: 2)),
    Sample(
      name: "old architecture", model: oldModel,
      plan: ParallelPlan(tensor: 2, pipeline: 2, data: 2),
      step: StepConfiguration(sequenceLength: 64, microbatches: 2)),
    Sample(
      name: "old architecture on one stage", model: oldModel,
      plan: ParallelPlan(tensor: 4, data: 2),
      step: StepConfiguration(sequenceLength: 64, microbatches: 3)),
    small("moe prefill", experts: true, plan: ParallelPlan(tensor: 2, pipeline: 2, data: 2)) {
      $0.phase = .prefill
      $0.schedule = .forwardOnly
    },
    Sample(
      name: "latent decode", model: latentModel(queryRank: 48),
      plan: ParallelPlan(tensor: 2, expert: 2, data: 2), step: decodeStep),
    Sample(
      name: "latent decode without query latent or sequence parallelism",
      model: latentModel(queryRank: nil),
      plan: ParallelPlan(tensor: 2, pipeline: 2, expert: 2, data: 2, sequenceParallel: false),
      step: decodeStep),
    Sample(
      name: "latent decode with the cache split", model: latentModel(queryRank: 48),
      plan: ParallelPlan(tensor: 2, context: 2, expert: 2, data: 1), step: decodeStep),
    small("dense decode with the cache split", experts: false, plan: ParallelPlan(context: 4)) {
      $0.phase = .decode
      $0.schedule = .forwardOnly
      $0.microBatchSize = 8
    },
    small("dense decode", experts: false, plan: ParallelPlan(tensor: 2, data: 2)) {
      $0.phase = .decode
      $0.schedule = .forwardOnly
      $0.microBatchSize = 8
    },
  ]
}

import Graph
import Model
import Parallelism

extension Sample {
  private static func tiny(
    _ name: String, experts: Bool = false, _ plan: ParallelPlan, microbatches: Int = 2,
    shared: Int = 0, further: [OperationKind] = [],
    adjust: (inout StepConfiguration) -> Void
  ) -> StrategyCase {
    var step = StepConfiguration(sequenceLength: 64, microbatches: microbatches)
    adjust(&step)
    return StrategyCase(
      sample: Sample(
        name: name, model: smallModel(layers: 2, experts: experts, shared: shared), plan: plan,
        step: step), further: further)
  }

  private static func latent(
    _ name: String, _ plan: ParallelPlan, adjust: (inout StepConfiguration) -> Void
  ) -> StrategyCase {
    var step = StepConfiguration(sequenceLength: 64, microbatches: 2)
    adjust(&step)
    return StrategyCase(
      sample: Sample(name: name, model: latentModel(queryRank: 48), plan: plan, step: step))
  }

  private static let mutatedMemory: [StrategyCase] = [
    tiny("whole layers again", experts: true, ParallelPlan(tensor: 2, expert: 2, data: 2)) {
      $0.recomputation = .uniform(interval: 1)
    },
    latent("all modules again", ParallelPlan(tensor: 2, expert: 2, data: 2)) {
      $0.recomputation = .selective(Set(RecomputedModule.allCases))
    },
    tiny("ZeRO-2", experts: true, ParallelPlan(expert: 2, data: 4)) { $0.sharding = .gradients },
    tiny("ZeRO-3", experts: true, ParallelPlan(expert: 2, data: 4)) { $0.sharding = .parameters },
    tiny("hybrid ZeRO-1", ParallelPlan(data: 4)) { $0.shardingDegree = 2 },
    tiny("hybrid ZeRO-3", experts: true, ParallelPlan(expert: 2, data: 8)) {
      $0.sharding = .parameters
      $0.shardingDegree = 4
    },
    tiny("offload", ParallelPlan(data: 2)) {
      $0.activationOffloadLayers = 1
      $0.optimizerOffload = 0.5
      $0.overlapsParameterGather = false
    },
  ]

  private static let mutatedCommunication: [StrategyCase] =
    [
      ("ring", ContextExchange.ring), ("all-gather", .allGather), ("Ulysses", .allToAll),
      ("hierarchical", .hierarchical(inner: 2)),
    ].map { name, exchange in
      tiny(name, ParallelPlan(context: 4), further: [.contextExchange, .attention]) {
        $0.contextExchange = exchange
      }
    } + [
      tiny(
        "all-gather dispatcher", experts: true, ParallelPlan(tensor: 2, expert: 2, data: 2),
        shared: 64, further: [.tokenDispatch, .probabilityDispatch, .tokenCombine]
      ) { $0.dispatcher = .allGather },
      tiny(
        "DeepEP", experts: true, ParallelPlan(expert: 4, data: 4),
        further: [.tokenDispatch, .tokenCombine, .expertSort, .expertUnsort]
      ) { $0.dispatcher = .deepEP },
      tiny(
        "capacity", experts: true, ParallelPlan(expert: 2, data: 2),
        further: [.tokenDispatch, .probabilityDispatch, .tokenCombine]
      ) { $0.capacityFactor = 1.5 },
    ]

  private static let mutatedKernels: [StrategyCase] = [
    tiny("fp8 tensorwise", ParallelPlan(tensor: 2)) { $0.precision = .fp8Tensorwise },
    tiny("mxfp8 experts", experts: true, ParallelPlan(expert: 2, data: 2), shared: 64) {
      $0.precision = .mxfp8
    },
    tiny("chunks", ParallelPlan(tensor: 4)) { $0.overlapsTensor = true },
    tiny("fp8 chunks", ParallelPlan(tensor: 2)) {
      $0.overlapsTensor = true
      $0.precision = .fp8Blockwise
    },
    tiny(
      "shared experts beside", experts: true, ParallelPlan(tensor: 2, expert: 2, data: 2),
      shared: 64,
      further: [.sharedGather, .sharedUp, .sharedDown, .sharedScatter]
    ) { $0.overlapsSharedExperts = true },
  ]

  private static let mutatedPipelines: [StrategyCase] = [
    tiny(
      "ends on stages of their own", ParallelPlan(pipeline: 3),
      further: [
        .sendActivation, .receiveActivation, .sendGradient, .receiveGradient,
      ]
    ) { $0.layout = .custom([0, 2, 0]) },
    tiny("blocking messages", ParallelPlan(pipeline: 2), further: [.sendActivation, .sendGradient])
    { $0.overlapsMessages = false },
    predicting,
    tiny(
      "DualPipe", experts: true, ParallelPlan(pipeline: 2, expert: 2, data: 4), microbatches: 4,
      further: bidirectional
    ) { $0.schedule = .dualPipe },
    tiny("Chimera with ZeRO-2", ParallelPlan(pipeline: 2, data: 2), further: bidirectional) {
      $0.schedule = .chimera
      $0.sharding = .gradients
    },
    tiny(
      "Chimera with hybrid ZeRO-3", experts: true, ParallelPlan(pipeline: 2, expert: 2, data: 4),
      further: bidirectional
    ) {
      $0.schedule = .chimera
      $0.sharding = .parameters
      $0.shardingDegree = 2
    },
  ]

  /// What mirrored stages do together, and what goes in both directions.
  private static let bidirectional: [OperationKind] = [
    .gradientReduce, .expertGradientReduce, .parameterGather, .expertParameterGather,
    .sendActivation, .receiveActivation, .sendGradient, .receiveGradient,
  ]

  private static let mutatedInference: [StrategyCase] = [
    tiny("decode with the cache split", ParallelPlan(context: 4)) {
      $0.phase = .decode
      $0.schedule = .forwardOnly
      $0.microBatchSize = 4
    }
  ]

  private static var predicting: StrategyCase {
    let base = tiny("prediction module", ParallelPlan(tensor: 2, pipeline: 2, data: 2)) {
      $0.multiTokenPrediction = true
    }.sample
    var model = base.model
    model.multiTokenPredictionLayers = 1
    return StrategyCase(
      sample: Sample(name: base.name, model: model, plan: base.plan, step: base.step))
  }

  /// Steps small enough to write every mutation of what their strategy adds.
  static let mutated =
    mutatedMemory + mutatedCommunication + mutatedKernels + mutatedPipelines
    + mutatedInference
}

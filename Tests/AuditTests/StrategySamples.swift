import Audit
import Graph
import Model
import Parallelism

extension Sample {
  /// Every module that can be recomputed alone, on models that have it.
  private static let recomputing: [Sample] =
    RecomputedModule.allCases.map { module in
      latent("recomputing \(module.rawValue)", plan: ParallelPlan(tensor: 2, expert: 2, data: 2)) {
        $0.recomputation = .selective([module])
      }
    } + [
      latent("recomputing all modules", plan: ParallelPlan(tensor: 2, expert: 2, data: 2)) {
        $0.recomputation = .selective(Set(RecomputedModule.allCases))
      },
      small(
        "recomputing all modules without TP", experts: true, plan: ParallelPlan(expert: 2, data: 4)
      ) {
        $0.recomputation = .selective(Set(RecomputedModule.allCases))
      },
      small(
        "recomputing every layer", experts: true,
        plan: ParallelPlan(tensor: 2, pipeline: 2, expert: 2, data: 2)
      ) { $0.recomputation = .uniform(interval: 1) },
      small(
        "recomputing pairs of layers", experts: false,
        plan: ParallelPlan(tensor: 2, pipeline: 2, data: 2)
      ) { $0.recomputation = .uniform(interval: 2) },
      small(
        "recomputing the first layers", experts: true,
        plan: ParallelPlan(tensor: 2, pipeline: 2, expert: 2, data: 2, sequenceParallel: true)
      ) { $0.recomputation = .block(layers: 1) },
    ]

  private static let sharding: [Sample] =
    [
      ("ZeRO-2", DataSharding.gradients, nil), ("ZeRO-3", .parameters, nil),
      ("hybrid ZeRO-1", .optimizer, 2), ("hybrid ZeRO-2", .gradients, 2),
      ("hybrid ZeRO-3", .parameters, 2),
    ].map { name, sharding, degree in
      small(
        name, experts: true, plan: ParallelPlan(tensor: 2, pipeline: 2, expert: 2, data: 8)
      ) {
        $0.sharding = sharding
        $0.shardingDegree = degree.map { $0 * 2 }
      }
    } + [
      small("ZeRO-3 of a tied model", experts: false, plan: ParallelPlan(data: 4), ties: true) {
        $0.sharding = .parameters
      },
      small(
        "ZeRO-3, recomputing", experts: true, plan: ParallelPlan(expert: 2, data: 4), shared: 64
      ) {
        $0.sharding = .parameters
        $0.recomputation = .uniform(interval: 1)
      },
      small("hybrid ZeRO-1 in copies of one", experts: false, plan: ParallelPlan(data: 4)) {
        $0.shardingDegree = 1
      },
    ]
    + [
      PipelineSchedule.zeroBubbleV, .vHalf, .vMin, .dualPipeV, .oneForwardOneBackward,
    ].flatMap { schedule in
      [nil, 2].map { degree in
        small(
          "tied ZeRO-3 under \(schedule), over \(degree ?? 4)", experts: false,
          plan: ParallelPlan(pipeline: 2, virtualPipeline: 2, data: 4), microbatches: 4, ties: true
        ) {
          $0.schedule = schedule
          $0.sharding = .parameters
          $0.shardingDegree = degree
        }
      }
    } + [
      small(
        "ZeRO-2 in a V", experts: false,
        plan: ParallelPlan(pipeline: 2, virtualPipeline: 2, data: 2), microbatches: 4
      ) {
        $0.sharding = .gradients
        $0.schedule = .zeroBubbleV
      }
    ]

  private static let schedules: [Sample] =
    [
      ("ZB-H1", PipelineSchedule.zeroBubbleH1, 1), ("ZB-H2", .zeroBubbleH2, 1),
      ("interleaved 1F1B", .interleaved(groupSize: nil), 2),
      ("interleaved zero bubble", .interleavedZeroBubble, 2), ("breadth-first", .breadthFirst, 2),
      ("breadth-first, one chunk", .breadthFirst, 1),
      ("ZB-V", .zeroBubbleV, 2), ("V-Half", .vHalf, 2), ("V-Min", .vMin, 2),
      ("DualPipeV", .dualPipeV, 2), ("GPipe", .gpipe, 1),
    ].map { name, schedule, chunks in
      small(
        name, experts: true,
        plan: ParallelPlan(
          tensor: 2, pipeline: 2, virtualPipeline: chunks, expert: 2, expertTensor: 1, data: 2),
        microbatches: 4, ties: chunks == 2
      ) { $0.schedule = schedule }
    }

  private static let bidirectional: [Sample] =
    [
      ("DualPipe", PipelineSchedule.dualPipe, 8, DataSharding.optimizer, nil),
      ("Chimera", .chimera, 4, .none, nil), ("Chimera with ZeRO-2", .chimera, 4, .gradients, nil),
      ("DualPipe with ZeRO-3", .dualPipe, 8, .parameters, nil),
      ("DualPipe with ZeRO-1 inside a stage", .dualPipe, 8, .optimizer, 4),
      ("Chimera with hybrid ZeRO-2", .chimera, 4, .gradients, 2),
      ("Chimera with hybrid ZeRO-3", .chimera, 4, .parameters, 2),
    ].flatMap { name, schedule, microbatches, sharding, degree in
      [false, true].map { ties in
        small(
          ties ? "\(name), tied" : name, experts: true,
          plan: ParallelPlan(tensor: 2, pipeline: 4, expert: 2, expertTensor: 1, data: 4),
          microbatches: microbatches, ties: ties
        ) {
          $0.schedule = schedule
          $0.sharding = sharding
          $0.shardingDegree = degree
        }
      }
    }

  private static let layouts: [Sample] = [
    small("ends that count", experts: false, plan: ParallelPlan(pipeline: 3, data: 2)) {
      $0.layout = .counting(embedding: true, loss: true)
    },
    small(
      "ends on stages of their own", experts: true,
      plan: ParallelPlan(tensor: 2, pipeline: 4, data: 2), ties: true
    ) { $0.layout = .custom([0, 3, 1, 0]) },
    small("fewer layers at the end", experts: false, plan: ParallelPlan(pipeline: 2, data: 2)) {
      $0.layout = .ends(first: 3, last: nil)
    },
    small(
      "uneven chunks in a V", experts: false,
      plan: ParallelPlan(pipeline: 2, virtualPipeline: 2, data: 2), microbatches: 4, ties: true
    ) {
      $0.schedule = .zeroBubbleV
      $0.layout = .custom([0, 1, 3, 0])
    },
  ]

  private static func dispatching(_ dispatcher: ExpertDispatcher, expertTensor: Int) -> Sample {
    small(
      "dispatcher \(dispatcher.rawValue), ETP\(expertTensor)", experts: true,
      plan: ParallelPlan(tensor: 2, expert: 4, expertTensor: expertTensor, data: 4), shared: 64
    ) { $0.dispatcher = dispatcher }
  }

  private static let dispatchers: [Sample] =
    ExpertDispatcher.allCases.flatMap {
      [dispatching($0, expertTensor: 1), dispatching($0, expertTensor: 2)]
    } + [
      small(
        "capacity", experts: true, plan: ParallelPlan(tensor: 2, expert: 2, data: 2)
      ) { $0.capacityFactor = 1.3 },
      small("all-gather alone", experts: true, plan: ParallelPlan()) { $0.dispatcher = .allGather },
      small("DeepEP alone", experts: true, plan: ParallelPlan()) { $0.dispatcher = .deepEP },
      small(
        "shared experts beside", experts: true,
        plan: ParallelPlan(tensor: 2, expert: 2, data: 2), shared: 64
      ) {
        $0.overlapsSharedExperts = true
        $0.recomputation = .selective([.layerNorm])
      },
      small(
        "shared experts beside, with the experts again", experts: true,
        plan: ParallelPlan(tensor: 2, expert: 2, data: 2), shared: 64
      ) {
        $0.overlapsSharedExperts = true
        $0.recomputation = .selective([.mixtureOfExperts])
      },
    ]

  private static let exchanges: [Sample] =
    [
      ("ring", ContextExchange.ring), ("all-gather", .allGather), ("Ulysses", .allToAll),
      ("hierarchical", .hierarchical(inner: 2)), ("one group", .hierarchical(inner: 4)),
      ("groups of one", .hierarchical(inner: 1)),
    ].flatMap { name, exchange in
      [
        small(
          "\(name) over CP4", experts: false, plan: ParallelPlan(context: 4, data: 2)
        ) { $0.contextExchange = exchange },
        latent(
          "\(name) over CP4, latent, recomputed", plan: ParallelPlan(tensor: 2, context: 4, data: 1)
        ) {
          $0.contextExchange = exchange
          $0.recomputation = .selective([.coreAttention])
        },
      ]
    }

  private static let precisions: [Sample] = Precision.allCases.flatMap { precision in
    [
      latent(precision.rawValue, plan: ParallelPlan(tensor: 2, expert: 2, data: 2)) {
        $0.precision = precision
      },
      small(
        "\(precision.rawValue), recomputed", experts: false, plan: ParallelPlan(tensor: 2, data: 2)
      ) {
        $0.precision = precision
        $0.recomputation = .selective([.feedForward])
      },
      small(
        "\(precision.rawValue) in chunks", experts: false, plan: ParallelPlan(tensor: 2, data: 2)
      ) {
        $0.precision = precision
        $0.overlapsTensor = true
      },
    ]
  }

  private static let overlaps: [Sample] = [
    small(
      "tensor-parallel chunks", experts: true,
      plan: ParallelPlan(tensor: 4, pipeline: 2, expert: 2, data: 2), shared: 64
    ) { $0.overlapsTensor = true },
    small(
      "recomputed chunks", experts: false, plan: ParallelPlan(tensor: 4, data: 2)
    ) {
      $0.overlapsTensor = true
      $0.recomputation = .uniform(interval: 2)
    },
    small("blocking messages", experts: false, plan: ParallelPlan(pipeline: 4, data: 2)) {
      $0.overlapsMessages = false
    },
    small(
      "paired slots", experts: true,
      plan: ParallelPlan(pipeline: 2, virtualPipeline: 2, expert: 2, data: 2), microbatches: 4
    ) { $0.overlapsExperts = true },
  ]

  private static let offloads: [Sample] = [
    small(
      "offload", experts: true, plan: ParallelPlan(tensor: 2, pipeline: 2, expert: 2, data: 2)
    ) {
      $0.activationOffloadLayers = 1
      $0.optimizerOffload = 0.5
      $0.overlapsParameterGather = false
    },
    small("offload, recomputing", experts: false, plan: ParallelPlan(data: 2)) {
      $0.activationOffloadLayers = 2
      $0.recomputation = .uniform(interval: 2)
    },
  ]

  private static let predictions: [Sample] = [(1, 1), (2, 1), (1, 2), (2, 2)].map {
    pipeline, modules in
    let base = small(
      "\(modules) prediction modules over PP\(pipeline)", experts: true,
      plan: ParallelPlan(tensor: 2, pipeline: pipeline, expert: 2, data: 2)
    ) { $0.multiTokenPrediction = true }
    var model = base.model
    model.multiTokenPredictionLayers = modules
    return Sample(name: base.name, model: model, plan: base.plan, step: base.step)
  }

  private static func latent(
    _ name: String, plan: ParallelPlan, adjust: (inout StepConfiguration) -> Void
  ) -> Sample {
    var step = StepConfiguration(sequenceLength: 64, microbatches: 2)
    adjust(&step)
    return Sample(name: name, model: latentModel(queryRank: 48), plan: plan, step: step)
  }

  /// Plans and steps that reach every strategy.
  static let strategies: [Sample] =
    recomputing + sharding + schedules + bidirectional + layouts + dispatchers + exchanges
    + precisions + overlaps
    + offloads + predictions
}

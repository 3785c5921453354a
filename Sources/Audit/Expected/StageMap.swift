import Graph
import Model
import Parallelism

/// Where the stages of the model live, which layers they hold, and in which order a rank comes to its
/// microbatches.
struct StageMap {
  let order: PipelineOrder
  /// The layers of each stage.
  let layers: [Range<Int>]

  /// - Parameter order: the order of the step; by default that of its schedule.
  init(
    model: TransformerModel, plan: ParallelPlan, configuration: StepConfiguration,
    order: PipelineOrder?
  ) {
    let order = order ?? Self.order(plan, configuration)
    self.order = order
    let counts =
      (try? configuration.layout.layers(
        count: model.layers.count, ranks: order.ranks, chunks: order.stages / order.ranks))
      ?? (0..<order.stages).map { stage in
        (stage + 1) * model.layers.count / order.stages - stage * model.layers.count / order.stages
      }
    var first = 0
    layers = counts.map { count in
      defer { first += count }
      return first..<first + count
    }
  }

  /// A schedule that cannot run these numbers leaves the order of microbatches as they are numbered.
  private static func order(_ plan: ParallelPlan, _ configuration: StepConfiguration)
    -> PipelineOrder
  {
    let schedule =
      configuration.phase == .train ? configuration.schedule : PipelineSchedule.forwardOnly
    let order = try? schedule.order(
      ranks: plan.pipeline, chunks: plan.virtualPipeline, microbatches: configuration.microbatches)
    return order
      ?? PipelineOrder(
        ranks: plan.pipeline, chunks: plan.virtualPipeline,
        microbatches: configuration.microbatches,
        slots: Array(repeating: [], count: plan.pipeline))
  }

  /// The chunks of a rank in the order of their stages.
  func chunks(of rank: Int) -> [(chunk: Int, stage: Int)] {
    (0..<order.chunks).map { ($0, order.stage(rank: rank, chunk: $0)) }.sorted { $0.1 < $1.1 }
  }

  /// Whether a rank holds a stage.
  func holds(_ stage: Int, rank: Int) -> Bool {
    (0..<order.chunks).contains { order.stage(rank: rank, chunk: $0) == stage }
  }

  /// The microbatches of a chunk in the order in which they add to the gradients of its weights.
  func additions(rank: Int, chunk: Int) -> [Int] {
    let slots = order.slots[rank].filter {
      $0.chunk == chunk && ($0.pass == .backward || $0.pass == .weightGradient)
    }
    return slots.isEmpty ? Array(0..<order.microbatches) : slots.map(\.microbatch)
  }
}

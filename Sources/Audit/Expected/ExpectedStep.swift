public import Graph
public import Model
public import Parallelism

/// What a step must contain, derived from model, plan and step configuration alone.
///
/// It shares no code with the builder of step graphs: layers are described as data flow, backward
/// edges follow by reversal, sizes come from the formulas of Megatron Core.
public struct ExpectedStep: Sendable {
  public let model: TransformerModel
  public let grid: RankGrid
  public let configuration: StepConfiguration
  /// Indexed by pipeline rank.
  public let programs: [ExpectedProgram]

  /// - Precondition: the plan and the options are legal for the model.
  /// - Parameters:
  ///   - order: in which each pipeline rank runs its slots; by default the order of the schedule.
  ///   - gradientNormGroup: the group that agrees on the norm of the gradients; by default all ranks
  ///     with a distributed optimizer, else those that hold one replica of the model.
  public init(
    model: TransformerModel, plan: ParallelPlan, configuration: StepConfiguration,
    order: PipelineOrder? = nil, gradientNormGroup: GroupFamily? = nil
  ) {
    self.model = model
    self.configuration = configuration
    let sizes = StepSizes(model: model, plan: plan, configuration: configuration)
    grid = sizes.grid
    let normGroup =
      gradientNormGroup ?? (configuration.sharding.shardsOptimizer ? .world : .tensorPipeline)
    let map = StageMap(model: model, plan: plan, configuration: configuration, order: order)
    programs = (0..<plan.pipeline).map {
      ExpectedProgram(pipelineRank: $0, map: map, sizes: sizes, gradientNormGroup: normGroup)
    }
  }

  /// The number of a microbatch among those of its copy of the model: what mirrored stages do for the
  /// same parameters they do for microbatches of the same number.
  func ordinal(_ microbatch: Int?) -> Int? {
    microbatch.map { $0 % max(1, configuration.microbatches / configuration.copies) }
  }

  /// Nodes of the whole step over all ranks, counting each operation as rarely as allowed.
  public var nodeCount: Int {
    programs.reduce(0) { sum, program in
      sum + program.stepNodes
        + program.operations.reduce(0) { $0 + $1.total(microbatches: configuration.microbatches) }
    } * grid.plan.stageSize
  }
}

public import Graph
public import Model
public import Parallelism

extension StepGraph {
  /// Generates the complete execution DAG of one step.
  ///
  /// The model's layers become tapes, one per chunk; tapes become forward and backward blocks; the
  /// pipeline order stamps blocks into one program per pipeline rank; messages find their partners.
  ///
  /// - Precondition: the plan is legal for the model, and the order is of its pipeline and holds as
  ///   many copies of the model as the configuration's schedule.
  /// - Throws: `LoweringError` when the layers do not fit the stages or options contradict each other.
  /// - Complexity: linear in the operations of the programs, independent of the ranks per stage.
  public init(
    lowering model: TransformerModel, under plan: ParallelPlan, as configuration: StepConfiguration,
    order: PipelineOrder
  ) throws(LoweringError) {
    precondition(order.ranks == plan.pipeline, "the order is of another pipeline")
    precondition(
      configuration.copies == order.placement.copies, "the order is of another schedule")
    try LoweringError.check(configuration, order)
    if let violation = configuration.optionViolations(of: model, under: plan).first {
      throw .option(violation)
    }
    let layers = try stageLayers(
      of: model, ranks: order.ranks, chunks: order.stages / order.ranks,
      layout: configuration.layout)
    let shape = LocalShape(model, plan, configuration)
    var works = WorkTable()
    var programs = (0..<plan.pipeline).map { rank in
      StageLowering(
        shape, pipelineRank: rank, order: order, layers: layers,
        recomputation: RecomputationPolicy(
          recomputation: shape.trains ? configuration.recomputation : .none,
          layers: model.layers.count)
      ).program(in: &works)
    }
    if plan.pipeline > 1 { matchMessages(of: &programs, order: order) }
    self.init(
      grid: RankGrid(plan, cuts: configuration.axisCuts(of: plan)), configuration: configuration,
      programs: programs, works: works.works)
  }
}

/// The layers of each stage, contiguous.
private func stageLayers(
  of model: TransformerModel, ranks: Int, chunks: Int, layout: PipelineLayout
) throws(LoweringError) -> [Range<Int>] {
  let counts: [Int]
  do throws(LayoutError) {
    counts = try layout.layers(count: model.layers.count, ranks: ranks, chunks: chunks)
  } catch {
    throw .layout(error)
  }
  var first = 0
  return counts.map { count in
    defer { first += count }
    return first..<first + count
  }
}

public import Graph
public import Model
public import Parallelism

extension StepGraph {
  /// Generates the complete execution DAG of one step.
  ///
  /// The model's layers become tapes, one per chunk; tapes become forward and backward blocks; the
  /// pipeline order stamps blocks into one program per pipeline rank; messages find their partners.
  ///
  /// - Precondition: the plan is legal for the model and the order is of its pipeline.
  /// - Throws: `LoweringError` when the layers do not fit the stages.
  /// - Complexity: linear in the operations of the programs, independent of the ranks per stage.
  public init(
    lowering model: TransformerModel, under plan: ParallelPlan, as configuration: StepConfiguration,
    order: PipelineOrder
  ) throws(LoweringError) {
    precondition(
      order.ranks == plan.pipeline && order.chunks == plan.virtualPipeline,
      "the order is of another pipeline")
    let layers = try stageLayers(of: model, stages: plan.stages)
    let shape = LocalShape(model, plan, configuration)
    var works = WorkTable()
    var programs = (0..<plan.pipeline).map { rank in
      StageLowering(shape, pipelineRank: rank, order: order, layers: layers)
        .program(in: &works)
    }
    if plan.pipeline > 1 { programs = matchingMessages(of: programs, order: order) }
    self.init(
      grid: RankGrid(plan), configuration: configuration, programs: programs, works: works.works)
  }
}

/// The layers of each stage, contiguous and equal in number.
private func stageLayers(of model: TransformerModel, stages: Int) throws(LoweringError)
  -> [Range<Int>]
{
  let count = model.layers.count
  guard count % stages == 0 else {
    throw .layersDoNotDivide(layers: count, stages: stages)
  }
  let each = count / stages
  return (0..<stages).map { $0 * each..<($0 + 1) * each }
}

/// Why a model cannot be lowered under a plan.
public enum LoweringError: Error, Hashable, Sendable, CustomStringConvertible {
  case layersDoNotDivide(layers: Int, stages: Int)

  public var description: String {
    switch self {
    case .layersDoNotDivide(let layers, let stages):
      """
      \(layers) layers do not divide into \(stages) equal pipeline stages; \
      choose PP · VPP among \(divisors(of: layers).map(String.init).joined(separator: ", "))
      """
    }
  }
}

private func divisors(of number: Int) -> [Int] { (1...number).filter { number % $0 == 0 } }

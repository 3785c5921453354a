/// Why a written plan is no plan.
public enum PlanError: Error, Hashable, Sendable {
  /// A text without any axis.
  case noAxes(text: String)
  /// Something that is no letter where an axis should begin.
  case nameExpected(found: String, position: Int)
  /// A name that is no axis.
  case unknownAxis(name: String, position: Int, suggestion: String?)
  /// An axis that stands there twice.
  case duplicateAxis(name: String, position: Int, first: Int)
  /// An axis without a number.
  case degreeExpected(axis: PlanAxis, position: Int)
  /// Zero or more than 2²⁰.
  case degreeOutOfRange(axis: PlanAxis, found: String, position: Int)
  /// A switch other than 0 and 1.
  case badSwitch(found: String, position: Int)
  /// A rank order that Megatron does not have.
  case unknownOrder(found: String, position: Int)
  /// Sequence parallelism written one way and asked for the other way.
  case sequenceParallelContradicted(written: Bool)
  /// A degree below 1 that did not come from a text.
  case notPositive(axis: PlanAxis, degree: Int)
  /// More than 2²⁰ ranks.
  case worldTooLarge
  /// GPUs below 1.
  case noGPUs(count: Int)
  /// GPUs that are no whole number of model replicas.
  case gpusNotMultiple(gpus: Int, tensor: Int, context: Int, pipeline: Int)
  /// A plan that needs another number of GPUs in each reading.
  case gpusDisagree(PlanReadings, gpus: Int)
  /// A plan with EDP that needs another number of GPUs.
  case worldDisagrees(world: Int, gpus: Int)
  /// EDP and DP that describe stages of different sizes.
  case gridsDisagree(PlanGrids)
  /// Experts that do not fill a pipeline stage evenly.
  case expertsDoNotFold(expert: Int, expertTensor: Int, tensor: Int, context: Int, data: Int)
  /// A rank order whose pipeline groups differ between dense and expert layers.
  case pipelineGroupsDiffer(data: Int, expertData: Int)
}

/// The numbers of GPUs that the two readings of a plan give.
public struct PlanReadings: Hashable, Sendable {
  public let tensor, context, pipeline, expert, data: Int

  /// GPUs if EP and DP are axes of one product.
  var product: Int { saturatingProduct([tensor, context, pipeline, expert, data]) }
  /// GPUs if DP is Megatron's dense data-parallel degree.
  var megatron: Int { saturatingProduct([tensor, context, pipeline, data]) }
}

/// The two grids that a plan with EDP describes; `data` is nil where it was not written.
public struct PlanGrids: Hashable, Sendable {
  public let tensor, context: Int
  public let data: Int?
  public let expertTensor: Int
  public let writesExpertTensor: Bool
  public let expert, expertData: Int

  var dense: Int { saturatingProduct([tensor, context, data ?? 1]) }
  var experts: Int { saturatingProduct([expertTensor, expert, expertData]) }
}

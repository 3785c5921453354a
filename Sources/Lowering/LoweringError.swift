public import Graph
public import Parallelism

/// Why a model cannot be lowered under a plan.
public enum LoweringError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The layers cannot be split over the stages as asked.
  case layout(LayoutError)
  /// Two copies of the model on mirrored ranks: their gradients would be added up over pairs of
  /// ranks, which are no group of the rank grids.
  case bidirectional
  /// Layers recomputed as a whole cannot run in turns with another microbatch's.
  case recomputesWhatOverlaps(Recomputation)
  /// An option of the step that the model or the plan does not allow.
  case option(OptionViolation)

  public var description: String {
    switch self {
    case .layout(let error): error.description
    case .option(let violation): violation.description
    case .bidirectional:
      """
      pipeline order: bidirectional, two copies of the model, adds gradients over pairs of mirrored \
      ranks, which step graphs do not hold; choose the V placement (DualPipeV), which needs one copy
      """
    case .recomputesWhatOverlaps:
      """
      recomputation: of whole layers or of the experts' exchange, while microbatches run together \
      layer by layer; choose no recomputation, or only modules inside attention and feed-forward
      """
    }
  }

  /// Refuses options that contradict the order.
  static func check(_ configuration: StepConfiguration, _ order: PipelineOrder)
    throws(LoweringError)
  {
    if order.placement == .bidirectional { throw .bidirectional }
    let overlaps = order.slots.contains { $0.contains(where: \.pairsWithNext) }
    guard overlaps else { return }
    switch configuration.recomputation {
    case .uniform, .block: throw .recomputesWhatOverlaps(configuration.recomputation)
    case .selective(let modules) where modules.contains(.mixtureOfExperts):
      throw .recomputesWhatOverlaps(configuration.recomputation)
    case .none, .selective: return
    }
  }
}

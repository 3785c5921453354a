public import Graph
public import Parallelism

/// Why a model cannot be lowered under a plan.
public enum LoweringError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The layers cannot be split over the stages as asked.
  case layout(LayoutError)
  /// Two copies of the model whose ranks do not mirror each other, so that the two ranks that hold a
  /// stage would add up gradients in different orders.
  case unmirroredCopies(rank: Int, mirror: Int)
  /// Layers recomputed as a whole cannot run in turns with another microbatch's.
  case recomputesWhatOverlaps(Recomputation)
  /// An option of the step that the model or the plan does not allow.
  case option(OptionViolation)

  public var description: String {
    switch self {
    case .layout(let error): error.description
    case .option(let violation): violation.description
    case .unmirroredCopies(let rank, let mirror):
      """
      pipeline order: ranks \(rank) and \(mirror) hold the same two stages but do not run them in \
      mirrored orders, as two copies of the model must to add up their gradients; exchange the \
      copies in one rank's order to get the other's, or choose DualPipeV, which needs one copy
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
    if let rank = order.firstUnmirroredRank {
      throw .unmirroredCopies(rank: rank, mirror: order.ranks - 1 - rank)
    }
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

extension PipelineOrder {
  /// The first rank of two copies of the model whose mirror image does not run the same passes of the
  /// same stages in the same order.
  fileprivate var firstUnmirroredRank: Int? {
    guard placement == .bidirectional else { return nil }
    func passes(_ rank: Int) -> [[Int]] {
      slots[rank].map { [Int($0.pass.rawValue), stage(rank: rank, chunk: $0.chunk)] }
    }
    return (0..<(ranks + 1) / 2).first {
      2 * $0 + 1 == ranks || passes($0) != passes(ranks - 1 - $0)
    }
  }
}

/// A rule that orders forward and backward slots over a pipeline.
public enum PipelineSchedule: Hashable, Sendable {
  /// All forward passes, then all backward passes.
  case gpipe
  /// One forward, one backward (PipeDream-flush), interleaved over chunks when there are several.
  case oneForwardOneBackward
  /// Interleaved with a given number of microbatches per chunk turn instead of one per rank.
  case interleaved(groupSize: Int)
  /// Forward passes only, chunk by chunk in groups of one microbatch per rank: inference.
  case forwardOnly
  /// All forward passes chunk by chunk, then all backward passes in the opposite order.
  ///
  /// - SeeAlso: Lamy-Poirier, "Breadth-First Pipeline Parallelism", 2023.
  case breadthFirst
  /// 1F1B with split backward: rank `r` computes weight gradients `r` slots late. Interleaved over
  /// chunks when there are several, as PyTorch's `ScheduleInterleavedZeroBubble`.
  ///
  /// - SeeAlso: Qi et al., "Zero Bubble Pipeline Parallelism", 2023, ZB-H1.
  case zeroBubbleH1

  /// The name in reports and refusals, for example `interleaved 1F1B in groups of 8`.
  public var label: String {
    switch self {
    case .gpipe: "GPipe"
    case .oneForwardOneBackward: "1F1B"
    case .interleaved(let groupSize): "interleaved 1F1B in groups of \(groupSize)"
    case .forwardOnly: "forward only"
    case .breadthFirst: "breadth-first"
    case .zeroBubbleH1: "ZB-H1"
    }
  }
}

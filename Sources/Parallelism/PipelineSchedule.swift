/// A rule that orders forward and backward slots over a pipeline.
public enum PipelineSchedule: Hashable, Sendable {
  /// All forward passes, then all backward passes.
  case gpipe
  /// One forward, one backward (PipeDream-flush), interleaved over chunks when there are several.
  case oneForwardOneBackward
  /// Interleaved with a given number of microbatches per chunk turn instead of one per rank.
  case interleaved(groupSize: Int)
}

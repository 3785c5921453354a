/// A rule that orders forward and backward slots over a pipeline.
public enum PipelineSchedule: Hashable, Sendable {
  /// All forward passes, then all backward passes.
  case gpipe
  /// One forward, one backward (PipeDream-flush), interleaved over chunks when there are several.
  case oneForwardOneBackward
  /// 1F1B over several chunks per rank, with a given number of microbatches per turn of a chunk; nil
  /// takes one per rank.
  case interleaved(groupSize: Int?)
  /// Forward passes only, chunk by chunk in groups of one microbatch per rank: inference.
  case forwardOnly
  /// All forward passes chunk by chunk, then all backward passes in the opposite order.
  ///
  /// - SeeAlso: Lamy-Poirier, "Breadth-First Pipeline Parallelism", 2023.
  case breadthFirst
  /// 1F1B with split backward in the memory of 1F1B: rank `r` computes weight gradients `r` slots
  /// late. Interleaved over chunks when there are several.
  ///
  /// - SeeAlso: Qi et al., "Zero Bubble Pipeline Parallelism", 2023, ZB-H1.
  case zeroBubbleH1
  /// Split backward with twice the memory: ranks have no bubble between their first and last slot
  /// where all passes take the same time.
  ///
  /// - SeeAlso: Qi et al., 2023, ZB-H2.
  case zeroBubbleH2
  /// ZB-H1 over several chunks per rank, as PyTorch's `ScheduleInterleavedZeroBubble`.
  case interleavedZeroBubble
  /// Split backward over two chunks per rank in a V.
  ///
  /// - SeeAlso: Qi et al., 2023, ZB-V.
  case zeroBubbleV
  /// Over a V with half the activations of 1F1B.
  ///
  /// - SeeAlso: Qi et al., "Pipeline Parallelism with Controllable Memory", 2024, V-Half.
  case vHalf
  /// Over a V with a third of the activations of 1F1B.
  ///
  /// - SeeAlso: Qi et al., 2024, V-Min.
  case vMin
  /// Two copies of the model in opposite directions, forwards and backwards side by side.
  case dualPipe
  /// DualPipe folded into a V, with one copy of the model.
  case dualPipeV
  /// Two copies of the model in opposite directions, each in the gaps of the other.
  case chimera
  /// An order that somebody wrote, for its own numbers of ranks, chunks and microbatches.
  case written(PipelineOrder)

  /// The name in reports and refusals, for example `interleaved 1F1B in groups of 8`.
  public var label: String {
    switch self {
    case .gpipe: "GPipe"
    case .oneForwardOneBackward: "1F1B"
    case .interleaved(nil): "interleaved 1F1B"
    case .interleaved(let groupSize?): "interleaved 1F1B in groups of \(groupSize)"
    case .forwardOnly: "forward only"
    case .breadthFirst: "breadth-first"
    case .zeroBubbleH1: "ZB-H1"
    case .zeroBubbleH2: "ZB-H2"
    case .interleavedZeroBubble: "interleaved zero bubble"
    case .zeroBubbleV: "ZB-V"
    case .vHalf: "V-Half"
    case .vMin: "V-Min"
    case .dualPipe: "DualPipe"
    case .dualPipeV: "DualPipeV"
    case .chimera: "Chimera"
    case .written: "order from a file"
    }
  }

  /// Where its stages live.
  public var placement: PipelinePlacement {
    switch self {
    case .gpipe, .oneForwardOneBackward, .interleaved, .forwardOnly, .breadthFirst, .zeroBubbleH1,
      .zeroBubbleH2, .interleavedZeroBubble:
      .loop
    case .zeroBubbleV, .vHalf, .vMin, .dualPipeV: .v
    case .dualPipe, .chimera: .bidirectional
    case .written(let order): order.placement
    }
  }

  /// Whether its order is searched for, with the times of passes in mind.
  public var isSearched: Bool {
    switch self {
    case .zeroBubbleH1, .zeroBubbleH2, .vHalf, .vMin: true
    default: false
    }
  }

  /// Whether it runs in one number of chunks per rank only, `usualChunks`.
  public var fixesChunks: Bool {
    switch self {
    case .oneForwardOneBackward, .zeroBubbleH1, .forwardOnly, .breadthFirst, .interleaved,
      .interleavedZeroBubble:
      false
    default: true
    }
  }

  /// The chunks per rank, of one copy of the model, that it runs where nobody asks for a number.
  public var usualChunks: Int {
    switch self {
    case .interleaved, .interleavedZeroBubble, .breadthFirst: 2
    case .written(let order): order.stages / order.ranks
    default: placement == .v ? 2 : 1
    }
  }
}

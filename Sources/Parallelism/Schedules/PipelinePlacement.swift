/// Where the stages of the model live on the pipeline ranks.
public enum PipelinePlacement: Hashable, Sendable, CaseIterable {
  /// Stage `s` on rank `s mod p`: chunks loop over the ranks.
  case loop
  /// Two chunks per rank: stages go down the ranks and come back, so the first rank also holds the
  /// last stage, and the last rank holds the two stages in the middle.
  case v
  /// `p` stages and two copies of the model: the first half of the microbatches enters at rank 0,
  /// the second half at rank `p − 1`. Chunk 0 of a rank is its stage of the first copy, chunk 1 its
  /// stage of the second.
  case bidirectional

  /// The copies of the model that the ranks hold together.
  public var copies: Int { self == .bidirectional ? 2 : 1 }

  /// The stages of one copy of the model.
  func stages(ranks: Int, chunks: Int) -> Int { ranks * chunks / copies }

  /// The stage that a rank's chunk holds.
  func stage(rank: Int, chunk: Int, ranks: Int) -> Int {
    switch self {
    case .loop: chunk * ranks + rank
    case .v: chunk == 0 ? rank : 2 * ranks - 1 - rank
    case .bidirectional: chunk == 0 ? rank : ranks - 1 - rank
    }
  }

  /// The rank and chunk that hold a stage of a copy of the model.
  func home(ofStage stage: Int, copy: Int, ranks: Int) -> (rank: Int, chunk: Int) {
    switch self {
    case .loop: (stage % ranks, stage / ranks)
    case .v: stage < ranks ? (stage, 0) : (2 * ranks - 1 - stage, 1)
    case .bidirectional: copy == 0 ? (stage, 0) : (ranks - 1 - stage, 1)
    }
  }
}

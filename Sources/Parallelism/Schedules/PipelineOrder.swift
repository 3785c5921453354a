/// The order in which every pipeline rank executes its slots.
public struct PipelineOrder: Hashable, Sendable {
  /// Pipeline ranks.
  public let ranks: Int
  /// Chunks per rank, those of both copies where there are two.
  public let chunks: Int
  public let microbatches: Int
  /// Where the stages live.
  public let placement: PipelinePlacement
  /// The slots of each rank, in execution order.
  public let slots: [[Slot]]

  public init(
    ranks: Int, chunks: Int, microbatches: Int, placement: PipelinePlacement = .loop,
    slots: [[Slot]]
  ) {
    precondition(slots.count == ranks, "one order per pipeline rank")
    precondition(placement == .loop || chunks == 2, "two chunks per rank under this placement")
    self.ranks = ranks
    self.chunks = chunks
    self.microbatches = microbatches
    self.placement = placement
    self.slots = slots
  }

  /// The stages of one copy of the model.
  public var stages: Int { placement.stages(ranks: ranks, chunks: chunks) }

  /// The stage of the model that a rank's chunk holds.
  public func stage(rank: Int, chunk: Int) -> Int {
    placement.stage(rank: rank, chunk: chunk, ranks: ranks)
  }

  /// The rank that runs a stage for a microbatch.
  public func rank(ofStage stage: Int, microbatch: Int) -> Int {
    placement.home(ofStage: stage, copy: copy(of: microbatch), ranks: ranks).rank
  }

  /// The chunk, on its rank, that runs a stage for a microbatch.
  public func chunk(ofStage stage: Int, microbatch: Int) -> Int {
    placement.home(ofStage: stage, copy: copy(of: microbatch), ranks: ranks).chunk
  }

  /// The copy of the model that a microbatch runs through, from 0.
  public func copy(of microbatch: Int) -> Int { microbatch * placement.copies / microbatches }

  /// The microbatches that run through a chunk: all, or the half of its copy.
  public func microbatches(ofChunk chunk: Int) -> Range<Int> {
    guard placement == .bidirectional else { return 0..<microbatches }
    return chunk == 0 ? 0..<microbatches / 2 : microbatches / 2..<microbatches
  }

  /// The rank that sends activations to a chunk: the rank itself inside a V's turn, nil for the
  /// first stage.
  public func previousRank(rank: Int, chunk: Int) -> Int? {
    neighbour(ofRank: rank, chunk: chunk, stagesOn: -1)
  }

  /// The rank that a chunk sends activations to: the rank itself inside a V's turn, nil for the last
  /// stage.
  public func nextRank(rank: Int, chunk: Int) -> Int? {
    neighbour(ofRank: rank, chunk: chunk, stagesOn: 1)
  }

  private func neighbour(ofRank rank: Int, chunk: Int, stagesOn distance: Int) -> Int? {
    let other = stage(rank: rank, chunk: chunk) + distance
    guard (0..<stages).contains(other) else { return nil }
    let copy = placement == .bidirectional ? chunk : 0
    return placement.home(ofStage: other, copy: copy, ranks: ranks).rank
  }
}

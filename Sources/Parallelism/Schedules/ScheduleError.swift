/// Why a pipeline order cannot be made or read.
public enum ScheduleError: Error, Hashable, Sendable {
  /// A name that no schedule has.
  case unknownSchedule(name: String, nearest: String?)
  /// A group size for a schedule whose chunks do not take turns in groups.
  case groupNotTaken(schedule: PipelineSchedule)
  /// A count below 1.
  case notPositive(name: String, count: Int)
  /// More slots than an order may have.
  case tooLarge(ranks: Int, chunks: Int, microbatches: Int)
  /// Several chunks for a schedule that knows one.
  case takesOneChunk(schedule: PipelineSchedule, chunks: Int)
  /// Another number of chunks than two for a schedule over a V.
  case takesTwoChunks(schedule: PipelineSchedule, chunks: Int)
  /// One chunk for a schedule that interleaves.
  case needsChunks(schedule: PipelineSchedule)
  /// Interleaving on a single pipeline rank.
  case needsRanks(schedule: PipelineSchedule, chunks: Int)
  /// An odd number of ranks for a schedule that enters from both ends.
  case needsEvenRanks(schedule: PipelineSchedule, ranks: Int)
  /// An odd number of microbatches for two copies of the model.
  case needsEvenMicrobatches(schedule: PipelineSchedule, microbatches: Int)
  /// Fewer microbatches than fill the pipeline from both ends.
  case tooFewMicrobatches(
    schedule: PipelineSchedule, microbatches: Int, ranks: Int, minimum: Int)
  /// Another number of microbatches than ranks, where the generator knows no other.
  case needsMicrobatchPerRank(schedule: PipelineSchedule, microbatches: Int, ranks: Int)
  /// A group with fewer microbatches than ranks.
  case groupTooSmall(groupSize: Int, ranks: Int)
  /// A last group that is neither full nor as long as the pipeline.
  case lastGroupTooShort(microbatches: Int, groupSize: Int, ranks: Int)
  /// Overlapped experts over a pipeline that is not interleaved.
  case overlapNeedsChunks(ranks: Int)
  /// Overlapped experts in an order that never alternates forward and backward.
  case cannotOverlap(schedule: PipelineSchedule)

  /// A written order in a step with other numbers of pipeline ranks, chunks per rank and microbatches.
  case writtenForOther(order: [Int], step: [Int])
  /// A written order of forward passes only, in training.
  case writtenWithoutGradients

  /// An order without any token.
  case emptyOrder
  /// Text that is no token of the grammar `<stage><op><microbatch>`.
  case badToken(text: String, rank: Int, column: Int)
  /// A co-scheduled slot that is not a forward and a backward.
  case badPair(text: String, rank: Int, column: Int)
  /// A number of stages that is neither the ranks nor a multiple of them.
  case unevenStages(token: ScheduleToken, rank: Int, column: Int, stages: Int, ranks: Int)
  /// A token whose stage belongs to another rank, under the placement that fits most tokens.
  case foreignStage(
    token: ScheduleToken, rank: Int, column: Int, owner: Int, placement: PipelinePlacement)
  /// A token that a rank executes twice, or a gradient both whole and split.
  case repeatedToken(token: ScheduleToken, rank: Int, column: Int)
  /// A token that the order needs and this rank lacks.
  case missingToken(token: ScheduleToken, rank: Int)
  /// A token that never starts, and what it waits for.
  case deadlock(token: ScheduleToken, rank: Int, column: Int, input: ScheduleToken, source: Int)

  /// The most (stage, microbatch) pairs of an order: three tokens each fit comfortably in memory.
  static let mostSlots = 1 << 22
}

/// Why a pipeline order cannot be made or read.
public enum ScheduleError: Error, Hashable, Sendable {
  /// A count below 1.
  case notPositive(name: String, count: Int)
  /// Several chunks for a schedule that knows one.
  case takesOneChunk(schedule: PipelineSchedule, chunks: Int)
  /// One chunk for a schedule that interleaves.
  case needsChunks(schedule: PipelineSchedule)
  /// Interleaving on a single pipeline rank.
  case needsRanks(schedule: PipelineSchedule, chunks: Int)
  /// A group with fewer microbatches than ranks.
  case groupTooSmall(groupSize: Int, ranks: Int)
  /// A last group that is neither full nor as long as the pipeline.
  case lastGroupTooShort(microbatches: Int, groupSize: Int, ranks: Int)
  /// Overlapped experts over a pipeline that is not interleaved.
  case overlapNeedsChunks(ranks: Int)
  /// Overlapped experts in an order that never alternates forward and backward.
  case cannotOverlap(schedule: PipelineSchedule)
  /// Text that is no token of the grammar `<stage><op><microbatch>`.
  case badToken(text: String, rank: Int, column: Int)
  /// A token whose stage belongs to another rank.
  case foreignStage(token: ScheduleToken, rank: Int, owner: Int)
  /// A token that a rank executes twice.
  case repeatedToken(token: ScheduleToken, rank: Int)
  /// A token that every rank with this chunk needs and this one lacks.
  case missingToken(token: ScheduleToken, rank: Int)
}

extension ScheduleError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notPositive(let name, let count):
      "a pipeline schedule needs at least 1 of \(name), got \(count)"
    case .takesOneChunk(let schedule, let chunks):
      "\(schedule.label) runs one chunk per rank, not VPP\(chunks); use VPP1 or 1F1B, which "
        + "interleaves chunks"
    case .needsChunks(let schedule):
      "\(schedule.label) needs at least two chunks per rank (VPP2); with one chunk use 1F1B"
    case .needsRanks(let schedule, let chunks):
      "\(schedule.label) with VPP\(chunks) needs at least two pipeline ranks; use PP2 or VPP1"
    case .groupTooSmall(let groupSize, let ranks):
      "a group of \(groupSize) microbatches is smaller than the pipeline of \(ranks) ranks, so "
        + "every chunk would wait for the last rank; the smallest group is \(ranks)"
    case .lastGroupTooShort(let microbatches, let groupSize, let ranks):
      "\(microbatches) microbatches in groups of \(groupSize) leave a last group of "
        + "\(microbatches % groupSize), which must be empty or at least the \(ranks) pipeline "
        + "ranks; the nearest legal numbers of microbatches are "
        + Self.legalMicrobatches(near: microbatches, groupSize: groupSize, ranks: ranks)
    case .overlapNeedsChunks(let ranks):
      "overlapping expert communication over \(ranks) pipeline ranks needs at least two chunks per "
        + "rank; use VPP2 or PP1"
    case .cannotOverlap(let schedule):
      "\(schedule.label) does not overlap expert communication of forward and backward; use 1F1B"
    case .badToken(let text, let rank, let column):
      "pipeline rank \(rank), entry \(column): \"\(text)\" is no token; write stage, pass (F, B, "
        + "I or W) and microbatch, for example 3F0"
    case .foreignStage(let token, let rank, let owner):
      "pipeline rank \(rank): \(token) belongs to rank \(owner); stages loop over the ranks"
    case .repeatedToken(let token, let rank):
      "pipeline rank \(rank): \(token) stands there twice"
    case .missingToken(let token, let rank):
      "pipeline rank \(rank): \(token) is missing"
    }
  }

  private static func legalMicrobatches(near count: Int, groupSize: Int, ranks: Int) -> String {
    let below = count - count % groupSize
    let above = below + ranks
    return below == 0 ? "\(above)" : "\(below) and \(above)"
  }
}

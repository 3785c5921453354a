extension ScheduleError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownSchedule, .groupNotTaken, .notPositive, .tooLarge: requestSentence
    case .takesOneChunk, .takesTwoChunks, .needsChunks, .needsRanks, .needsEvenRanks,
      .overlapNeedsChunks, .cannotOverlap:
      shapeSentence
    case .needsEvenMicrobatches, .tooFewMicrobatches, .needsMicrobatchPerRank, .groupTooSmall,
      .lastGroupTooShort:
      microbatchSentence
    case .writtenForOther, .writtenWithoutGradients: writtenSentence
    default: orderSentence
    }
  }

  private var requestSentence: String {
    switch self {
    case .unknownSchedule(let name, let nearest?):
      "there is no schedule \"\(name)\"; did you mean \"\(nearest)\"?"
    case .unknownSchedule(let name, nil):
      "there is no schedule \"\(name)\"; there are \(list(PipelineSchedule.names))"
    case .groupNotTaken(let schedule):
      "\(schedule.label) takes no group size; only interleaved does"
    case .notPositive(let name, let count):
      "a pipeline schedule needs at least 1 of \(name), got \(count)"
    case .tooLarge(let ranks, let chunks, let microbatches):
      "\(ranks) ranks with \(chunks) chunks and \(microbatches) microbatches make more than "
        + "\(Self.mostSlots) forwards; that is more than a pipeline order may have"
    default: ""
    }
  }

  private var writtenSentence: String {
    switch self {
    case .writtenForOther(let order, let step):
      "the order of the file is for PP\(order[0])-VPP\(order[1]) and \(order[2]) microbatches, the step "
        + "has PP\(step[0])-VPP\(step[1]) and \(step[2]); change the plan or the global batch, or write "
        + "another order"
    case .writtenWithoutGradients:
      "the order of the file has forward passes only, and training needs backward passes (B, or I "
        + "and W)"
    default: ""
    }
  }

  private var shapeSentence: String {
    switch self {
    case .takesOneChunk(let schedule, let chunks):
      "\(schedule.label) runs one chunk per rank, not VPP\(chunks); use VPP1 or 1F1B, which "
        + "interleaves chunks"
    case .takesTwoChunks(let schedule, let chunks):
      "\(schedule.label) folds the model into a V of two chunks per rank, not VPP\(chunks); use VPP2"
    case .needsChunks(.interleavedZeroBubble):
      "interleaved zero bubble needs at least two chunks per rank (VPP2); with one chunk use ZB-H1"
    case .needsChunks(let schedule):
      "\(schedule.label) needs at least two chunks per rank (VPP2); with one chunk use 1F1B"
    case .needsRanks(let schedule, let chunks):
      "\(schedule.label) with VPP\(chunks) needs at least two pipeline ranks; use PP2 or VPP1"
    case .needsEvenRanks(let schedule, let ranks):
      "\(schedule.label) enters the pipeline from both ends and needs an even number of ranks, not "
        + "\(ranks); the nearest are \(list(ranks > 1 ? [ranks - 1, ranks + 1] : [2]))"
    case .overlapNeedsChunks(let ranks):
      "overlapping expert communication over \(ranks) pipeline ranks needs at least two chunks per "
        + "rank; use VPP2 or PP1"
    case .cannotOverlap(let schedule):
      "\(schedule.label) does not overlap expert communication of forward and backward; use 1F1B"
    default: ""
    }
  }

  private var microbatchSentence: String {
    switch self {
    case .needsEvenMicrobatches(let schedule, let microbatches):
      "\(schedule.label) gives each copy of the model half of the microbatches, and \(microbatches) "
        + "is odd; the nearest even numbers are \(microbatches - 1) and \(microbatches + 1)"
    case .tooFewMicrobatches(let schedule, let microbatches, let ranks, let minimum):
      "\(schedule.label) over \(ranks) ranks needs at least \(minimum) microbatches, two per rank, "
        + "got \(microbatches)"
    case .needsMicrobatchPerRank(let schedule, let microbatches, let ranks):
      "\(schedule.label) runs as many microbatches as ranks, not \(microbatches) on \(ranks); use "
        + "\(ranks) microbatches"
    case .groupTooSmall(let groupSize, let ranks):
      "a group of \(groupSize) microbatches is smaller than the pipeline of \(ranks) ranks, so "
        + "every chunk would wait for the last rank; the smallest group is \(ranks)"
    case .lastGroupTooShort(let microbatches, let groupSize, let ranks):
      "\(microbatches) microbatches in groups of \(groupSize) leave a last group of "
        + "\(microbatches % groupSize), which must be empty or at least the \(ranks) pipeline "
        + "ranks; the nearest legal numbers of microbatches are "
        + Self.legalMicrobatches(near: microbatches, groupSize: groupSize, ranks: ranks)
    default: ""
    }
  }

  private var orderSentence: String {
    switch self {
    case .emptyOrder:
      "the order has no tokens; write one row per pipeline rank, for example 0F0,0B0"
    case .badToken(let text, let rank, let column):
      "\(Self.place(rank, column)): \"\(text)\" is no token; write stage, pass (F, B, I or W) and "
        + "microbatch, for example 3F0"
    case .badPair(let text, let rank, let column):
      "\(Self.place(rank, column)): \"\(text)\" is no co-scheduled slot; write a forward and a "
        + "backward, for example (3F1;1B0)OVERLAP_F_B"
    case .unevenStages(let token, let rank, let column, let stages, let ranks):
      "\(Self.place(rank, column)): \(token) makes \(stages) stages, which \(ranks) ranks (rows) "
        + "cannot hold evenly; the nearest numbers of stages are "
        + list(nearestMultiples(of: ranks, to: stages))
    case .foreignStage(let token, let rank, let column, let owner, let placement):
      "\(Self.place(rank, column)): \(token) belongs to rank \(owner); \(placement.rule)"
    case .repeatedToken(let token, let rank, let column):
      "\(Self.place(rank, column)): \(token) stands there a second time, or beside the same gradient "
        + "in another form"
    case .missingToken(let token, let rank):
      "pipeline rank \(rank): \(token) is missing"
    case .deadlock(let token, let rank, let column, let input, let source):
      "\(Self.place(rank, column)): \(token) can never start, because it waits for \(input) on rank "
        + "\(source), which waits for something behind it"
    default: ""
    }
  }

  private static func place(_ rank: Int, _ column: Int) -> String {
    "pipeline rank \(rank), entry \(column)"
  }

  private static func legalMicrobatches(near count: Int, groupSize: Int, ranks: Int) -> String {
    let below = count - count % groupSize
    let above = below + ranks
    return below == 0 ? "\(above)" : "\(below) and \(above)"
  }
}

extension PipelinePlacement {
  /// The placement in a sentence.
  fileprivate var rule: String {
    switch self {
    case .loop: "stages loop over the ranks"
    case .v: "stages go down the ranks and back in a V"
    case .bidirectional:
      "the first half of the microbatches enters at rank 0, the second half at the last rank"
    }
  }
}

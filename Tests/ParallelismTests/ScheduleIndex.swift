import Parallelism

/// The index of the published pipeline orders, as far as tests read it.
struct ScheduleIndex: Decodable {
  struct Entry: Decodable {
    struct Extra: Decodable {
      let groupSize: Int?

      enum CodingKeys: String, CodingKey { case groupSize = "N" }
    }

    struct Timing: Decodable {
      let forward, inputGradient, weightGradient, message, makespan: Int

      enum CodingKeys: String, CodingKey {
        case forward = "T_F"
        case inputGradient = "T_I"
        case weightGradient = "T_W"
        case message = "T_comm"
        case makespan
      }

      var times: ScheduleReplay.Times {
        .init(
          forward: forward, inputGradient: inputGradient, weightGradient: weightGradient,
          message: message)
      }
    }

    let file, schedule: String
    let ranks, chunks, microbatches: Int
    let extra: Extra?
    let peaks: [Int]
    let timing: [String: Timing]

    enum CodingKeys: String, CodingKey {
      case file, schedule, extra, timing
      case ranks = "p"
      case chunks = "v"
      case microbatches = "m"
      case peaks = "peak_inflight_released_at_dgrad"
    }

    /// The schedule that makes this order, if it is one of ours.
    var ours: PipelineSchedule? {
      switch schedule {
      case "GPipe": .gpipe
      case "1F1B", "Interleaved1F1B", "Interleaved1F1B_EPoverlap": .oneForwardOneBackward
      case "Interleaved1F1B_groupN": extra?.groupSize.map { .interleaved(groupSize: $0) }
      case "InterleavedZeroBubble": .zeroBubbleH1
      case "LoopedBFS": .breadthFirst
      // With m ≤ p upstream's heuristic spends idle memory on more warm-up; the rule does not.
      case "ZBH1" where microbatches > ranks: .zeroBubbleH1
      default: nil
      }
    }

    /// Whether forwards and backwards of the steady phase run as one slot.
    var overlaps: Bool { schedule == "Interleaved1F1B_EPoverlap" }
  }

  let entries: [Entry]
}

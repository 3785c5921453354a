import Parallelism

/// The index of the published pipeline orders, as far as tests read it.
struct ScheduleIndex: Decodable {
  struct Entry: Decodable {
    struct Extra: Decodable { let N: Int? }

    struct Timing: Decodable {
      let T_F, T_I, T_W, T_comm, makespan: Int

      var times: ScheduleReplay.Times {
        .init(forward: T_F, inputGradient: T_I, weightGradient: T_W, message: T_comm)
      }
    }

    let file, schedule: String
    let p, v, m: Int
    let extra: Extra?
    let peak_inflight_released_at_dgrad: [Int]
    let timing: [String: Timing]

    var peaks: [Int] { peak_inflight_released_at_dgrad }

    /// The schedule that makes this order, if it is one of ours.
    var ours: PipelineSchedule? {
      switch schedule {
      case "GPipe": .gpipe
      case "1F1B", "Interleaved1F1B": .oneForwardOneBackward
      case "Interleaved1F1B_groupN": extra?.N.map { .interleaved(groupSize: $0) }
      default: nil
      }
    }
  }

  let entries: [Entry]
}

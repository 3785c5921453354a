import Foundation
import Parallelism
import TestSupport

/// The index of the published pipeline orders, as far as tests read it.
struct ScheduleIndex: Decodable {
  struct Entry: Decodable {
    struct Extra: Decodable {
      let groupSize: Int?

      enum CodingKeys: String, CodingKey { case groupSize = "N" }
    }

    struct Timing: Decodable {
      let forward, inputGradient, weightGradient, latency: Double
      let pair: Double?
      let makespan, span: Double
      // Absent where a co-scheduled pair is faster than its halves.
      let busy, bubble, bubbleOfMakespan: Double?
      let starts, ends: [Double]?

      enum CodingKeys: String, CodingKey {
        case forward = "T_F"
        case inputGradient = "T_I"
        case weightGradient = "T_W"
        case latency = "T_comm"
        case pair = "T_FB_overlapped_slot"
        case makespan
        case span = "max_rank_span"
        case busy = "busy_per_rank"
        case bubble = "bubble_time_vs_ideal"
        case bubbleOfMakespan = "bubble_fraction_of_makespan_float"
        case starts = "rank_start"
        case ends = "rank_end"
      }

      var times: PassTimes {
        PassTimes(
          forward: forward, inputGradient: inputGradient, weightGradient: weightGradient,
          latency: latency, pair: pair)
      }
    }

    let file, schedule, placement: String
    let ranks, chunks, microbatches: Int
    let isRule: Bool
    let extra: Extra?
    let peaks, heldPeaks: [Int]
    let timing: [String: Timing]

    enum CodingKeys: String, CodingKey {
      case file, schedule, extra, timing
      case ranks = "p"
      case chunks = "v"
      case microbatches = "m"
      case placement = "stage_placement"
      case isRule = "order_is_deterministic_rule"
      case peaks = "peak_inflight_released_at_dgrad"
      case heldPeaks = "peak_inflight_held_until_wgrad"
    }

    /// The schedule of ours that this order is compared with.
    var ours: PipelineSchedule? {
      switch schedule {
      case "GPipe": .gpipe
      case "1F1B", "Interleaved1F1B", "Interleaved1F1B_EPoverlap": .oneForwardOneBackward
      // PyTorch turns m microbatches that are no multiple of p into one group of m.
      case "Interleaved1F1B_torchflex": .interleaved(groupSize: microbatches)
      case "Interleaved1F1B_groupN": extra?.groupSize.map { .interleaved(groupSize: $0) }
      case "InterleavedZeroBubble": .interleavedZeroBubble
      case "LoopedBFS": .breadthFirst
      case "ZBH1", "ZBauto_p": .zeroBubbleH1
      case "ZBH2", "ZBauto_2p": .zeroBubbleH2
      case "ZBV", "ZBV_sail", "ZBVauto": .zeroBubbleV
      case "VHalf": .vHalf
      case "VMin": .vMin
      case "DualPipe": .dualPipe
      case "DualPipeV": .dualPipeV
      case "Chimera": .chimera
      default: nil
      }
    }

    /// Whether forwards and backwards of 1F1B's steady phase run as one slot.
    var overlapsExperts: Bool { schedule == "Interleaved1F1B_EPoverlap" }

    /// The timings in the order of their names.
    var timings: [(name: String, timing: Timing)] {
      timing.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    func text() throws -> String {
      String(decoding: try SharedData.read("schedules/\(file)"), as: UTF8.self)
    }
  }

  let entries: [Entry]

  static func read() throws -> ScheduleIndex {
    try JSONDecoder().decode(ScheduleIndex.self, from: SharedData.read("schedules/index.json"))
  }
}

import Foundation
import Parallelism
import TestSupport
import Testing

@Suite("Pipeline schedules") struct PipelineScheduleTests {
  @Test(
    "orders equal upstream's, token by token, with their makespans and peaks",
    .enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)))
  func upstreamOrders() throws {
    let index = try JSONDecoder().decode(
      ScheduleIndex.self, from: SharedData.read("schedules/index.json"))
    var compared = 0
    for entry in index.entries {
      guard let schedule = entry.ours else { continue }
      let order = try schedule.order(
        ranks: entry.ranks, chunks: entry.chunks, microbatches: entry.microbatches,
        overlappingExperts: entry.overlaps)
      let expected = String(decoding: try SharedData.read("schedules/\(entry.file)"), as: UTF8.self)
      #expect(lines(order.text) == lines(unpaired(expected)), "\(entry.file)")
      #expect(order.peaks == entry.peaks, "\(entry.file)")
      // A co-scheduled slot is atomic, which a replay of its halves does not reproduce.
      for (name, timing) in entry.timing.sorted(by: { $0.key < $1.key }) where !entry.overlaps {
        let makespan = ScheduleReplay(order, timing.times).makespan
        #expect(makespan == timing.makespan, "\(entry.file) \(name)")
      }
      compared += 1
    }
    #expect(compared == 44)
  }

  @Test(
    "an order written by another program is read and replayed",
    .enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)))
  func foreignOrders() throws {
    let index = try JSONDecoder().decode(
      ScheduleIndex.self, from: SharedData.read("schedules/index.json"))
    for entry in index.entries
    where ["ZBH1", "ZBH2", "ZBauto_2p", "ZBauto_p"].contains(
      entry.schedule)
    {
      let text = String(decoding: try SharedData.read("schedules/\(entry.file)"), as: UTF8.self)
      let order = try PipelineOrder(parsing: text)
      #expect(lines(order.text) == lines(text))
      #expect(order.ranks == entry.ranks)
      #expect(order.chunks == entry.chunks)
      #expect(order.microbatches == entry.microbatches)
      for timing in entry.timing.values {
        #expect(ScheduleReplay(order, timing.times).makespan == timing.makespan, "\(entry.file)")
      }
    }
  }

  private func lines(_ text: String) -> [Substring] { text.split(whereSeparator: \.isNewline) }

  /// `(3F1;1B0)OVERLAP_F_B` as `3F1,1B0`.
  private func unpaired(_ text: String) -> String {
    text.replacing(")OVERLAP_F_B", with: "").replacing("(", with: "").replacing(";", with: ",")
  }

  static let timings: [ScheduleReplay.Times] = [
    .unit, .init(forward: 10, inputGradient: 12, weightGradient: 9, message: 0),
    .init(forward: 3, inputGradient: 1, weightGradient: 7, message: 0),
  ]

  @Test("GPipe takes (m + p − 1)(F + B) + 2(p − 1)c and holds m microbatches", arguments: 1...6)
  func gpipe(ranks: Int) throws {
    for microbatches in 1...9 {
      let order = try PipelineSchedule.gpipe.order(ranks: ranks, microbatches: microbatches)
      let times = ScheduleReplay.Times(
        forward: 10, inputGradient: 12, weightGradient: 9, message: 3)
      let expected = (microbatches + ranks - 1) * 31 + 2 * (ranks - 1) * 3
      #expect(ScheduleReplay(order, times).makespan == expected)
      #expect(order.peaks.allSatisfy { $0 == microbatches })
    }
  }

  @Test("1F1B takes (m + p − 1)(F + B) and rank r holds min(m, p − r)", arguments: 1...6)
  func oneForwardOneBackward(ranks: Int) throws {
    for microbatches in 1...9 {
      let order = try PipelineSchedule.oneForwardOneBackward.order(
        ranks: ranks, microbatches: microbatches)
      for times in Self.timings {
        let slot = times.duration(of: .forward) + times.duration(of: .backward)
        #expect(
          ScheduleReplay(order, times).makespan == (microbatches + ranks - 1) * slot)
      }
      #expect(order.peaks == (0..<ranks).map { min(microbatches, ranks - $0) })
    }
  }

  @Test(
    "interleaved 1F1B takes (mv + p − 1)(F + B) where p divides m", arguments: 2...5, 2...4)
  func interleaved(ranks: Int, chunks: Int) throws {
    for rounds in 1...3 {
      let microbatches = rounds * ranks
      let order = try PipelineSchedule.oneForwardOneBackward.order(
        ranks: ranks, chunks: chunks, microbatches: microbatches)
      for times in Self.timings {
        let slot = times.duration(of: .forward) + times.duration(of: .backward)
        #expect(
          ScheduleReplay(order, times).makespan == (microbatches * chunks + ranks - 1) * slot)
      }
      guard rounds > 1 else { continue }
      let expected = (0..<ranks).map {
        min(microbatches * chunks, (chunks - 1) * ranks + 2 * (ranks - 1 - $0) + 1)
      }
      #expect(order.peaks == expected)
    }
  }

  @Test(
    "breadth-first takes (mv + p − 1)(F + B) where m ≥ p and holds all mv chunks", arguments: 1...4,
    1...3)
  func breadthFirst(ranks: Int, chunks: Int) throws {
    for microbatches in ranks...9 {
      let order = try PipelineSchedule.breadthFirst.order(
        ranks: ranks, chunks: chunks, microbatches: microbatches)
      for times in Self.timings {
        let slot = times.duration(of: .forward) + times.duration(of: .backward)
        #expect(
          ScheduleReplay(order, times).makespan == (microbatches * chunks + ranks - 1) * slot)
      }
      #expect(order.peaks.allSatisfy { $0 == microbatches * chunks })
    }
  }

  @Test(
    "ZB-H1 takes m(F + I + W) + (p − 1)(F + I − W) where m ≥ p, and rank r holds p − r",
    arguments: 1...6)
  func zeroBubbleH1(ranks: Int) throws {
    for microbatches in ranks...12 {
      let order = try PipelineSchedule.zeroBubbleH1.order(ranks: ranks, microbatches: microbatches)
      for times in Self.timings.prefix(2) {
        let gradient = times.forward + times.inputGradient
        let expected =
          microbatches * (gradient + times.weightGradient)
          + (ranks - 1) * (gradient - times.weightGradient)
        #expect(ScheduleReplay(order, times).makespan == expected)
      }
      #expect(order.peaks == (0..<ranks).map { ranks - $0 })
    }
  }

  @Test(
    "overlapped experts are refused in words where Megatron has no such order",
    arguments: [
      (
        .oneForwardOneBackward,
        "overlapping expert communication over 2 pipeline ranks needs at least two chunks per rank; "
          + "use VPP2 or PP1"
      ),
      (
        .gpipe,
        "GPipe does not overlap expert communication of forward and backward; use 1F1B"
      ),
    ] as [(PipelineSchedule, String)])
  func overlapRefusals(schedule: PipelineSchedule, message: String) {
    #expect {
      try schedule.order(ranks: 2, microbatches: 4, overlappingExperts: true)
    } throws: {
      "\($0)" == message
    }
  }

  @Test("interleaving in groups of one microbatch per rank is plain interleaving")
  func groupOfRanks() throws {
    #expect(
      try PipelineSchedule.interleaved(groupSize: 4).order(ranks: 4, chunks: 3, microbatches: 8)
        == PipelineSchedule.oneForwardOneBackward.order(ranks: 4, chunks: 3, microbatches: 8))
  }

  @Test("forward-only orders contain each forward once and finish", arguments: 1...4, 1...3)
  func forwardOnly(ranks: Int, chunks: Int) throws {
    for microbatches in 1...7 {
      let order = try PipelineSchedule.forwardOnly.order(
        ranks: ranks, chunks: chunks, microbatches: microbatches)
      #expect(order.slots.allSatisfy { Set($0).count == microbatches * chunks })
      #expect(order.slots.joined().allSatisfy { $0.pass == .forward })
      let makespan = try #require(ScheduleReplay(order, .unit).makespan)
      if microbatches % ranks == 0 {
        #expect(makespan == microbatches * chunks + ranks - 1)
      }
    }
  }

  @Test("every legal order finishes and reads back from its text", arguments: 1...4, 1...3)
  func finishes(ranks: Int, chunks: Int) throws {
    let schedules: [PipelineSchedule] =
      [.gpipe, .oneForwardOneBackward, .forwardOnly, .breadthFirst, .zeroBubbleH1]
      + (1...6).map { .interleaved(groupSize: $0) }
    for schedule in schedules {
      for microbatches in 1...9 {
        guard
          let order = try? schedule.order(
            ranks: ranks, chunks: chunks, microbatches: microbatches)
        else { continue }
        #expect(ScheduleReplay(order, .unit).makespan != nil)
        #expect(try PipelineOrder(parsing: order.text) == order)
      }
    }
  }

  @Test(
    "numbers that a schedule cannot run are refused in words",
    arguments: [
      (.gpipe, 0, 1, 4, "a pipeline schedule needs at least 1 of pipeline ranks, got 0"),
      (
        .gpipe, 4, 2, 4,
        "GPipe runs one chunk per rank, not VPP2; use VPP1 or 1F1B, which interleaves chunks"
      ),
      (
        .interleaved(groupSize: 4), 4, 1, 4,
        "interleaved 1F1B in groups of 4 needs at least two chunks per rank (VPP2); with one chunk use 1F1B"
      ),
      (
        .oneForwardOneBackward, 1, 2, 4,
        "1F1B with VPP2 needs at least two pipeline ranks; use PP2 or VPP1"
      ),
      (
        .interleaved(groupSize: 3), 4, 2, 6,
        "a group of 3 microbatches is smaller than the pipeline of 4 ranks, so every chunk would wait "
          + "for the last rank; the smallest group is 4"
      ),
      (
        .oneForwardOneBackward, 4, 2, 10,
        "10 microbatches in groups of 4 leave a last group of 2, which must be empty or at least the 4 "
          + "pipeline ranks; the nearest legal numbers of microbatches are 8 and 12"
      ),
      (
        .interleaved(groupSize: 8), 4, 2, 3,
        "3 microbatches in groups of 8 leave a last group of 3, which must be empty or at least the 4 "
          + "pipeline ranks; the nearest legal numbers of microbatches are 4"
      ),
    ] as [(PipelineSchedule, Int, Int, Int, String)])
  func refusals(
    schedule: PipelineSchedule, ranks: Int, chunks: Int, microbatches: Int, message: String
  ) {
    #expect {
      try schedule.order(ranks: ranks, chunks: chunks, microbatches: microbatches)
    } throws: {
      "\($0)" == message
    }
  }

  @Test(
    "orders that are not well-formed are refused in words",
    arguments: [
      (
        "0F0,0X0",
        "pipeline rank 0, entry 1: \"0X0\" is no token; write stage, pass (F, B, I or W) and "
          + "microbatch, for example 3F0"
      ),
      ("0F0,0B0\n0F0,1B0", "pipeline rank 1: 0F0 belongs to rank 0; stages loop over the ranks"),
      ("0F0,0F0", "pipeline rank 0: 0F0 stands there twice"),
      ("0F0,0F1,0B0", "pipeline rank 0: 0B1 is missing"),
      ("0F0,0I0", "pipeline rank 0: 0W0 is missing"),
      ("", "a pipeline schedule needs at least 1 of pipeline ranks, got 0"),
    ])
  func malformedOrders(text: String, message: String) {
    #expect {
      try PipelineOrder(parsing: text)
    } throws: {
      "\($0)" == message
    }
  }
}

import Parallelism
import TestSupport
import Testing

@Suite(
  "Published orders",
  .enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)))
struct PublishedOrderTests {
  private func lines(_ text: String) -> [Substring] { text.split(whereSeparator: \.isNewline) }

  @Test("every published order is read, its placement found, and written back as it was")
  func readBack() throws {
    let entries = try ScheduleIndex.read().entries
    #expect(entries.count == 81)
    for entry in entries {
      let text = try entry.text()
      let order = try PipelineOrder(parsing: text)
      #expect(lines(order.text) == lines(text), "\(entry.file)")
      #expect(order.ranks == entry.ranks)
      #expect(order.stages == entry.ranks * entry.chunks)
      #expect(order.microbatches == entry.microbatches)
      let placement: PipelinePlacement =
        switch entry.placement {
        case "V": .v
        case "bidirectional": .bidirectional
        default: .loop
        }
      #expect(order.placement == placement, "\(entry.file)")
    }
  }

  @Test("replayed, every order has the published makespan, spans, bubbles and peaks, exactly")
  func replayed() throws {
    var compared = 0
    for entry in try ScheduleIndex.read().entries {
      let order = try PipelineOrder(parsing: entry.text())
      #expect(order.peakInFlight(heldUntil: .inputGradient) == entry.peaks, "\(entry.file)")
      #expect(order.peakInFlight(heldUntil: .weightGradient) == entry.heldPeaks, "\(entry.file)")
      for (name, timing) in entry.timings {
        let replay = try ScheduleReplay(order, timing.times)
        let place = Comment(rawValue: "\(entry.file) \(name)")
        #expect(replay.makespan == timing.makespan, place)
        #expect(replay.longestSpan == timing.span, place)
        if let starts = timing.starts {
          #expect(replay.intervals.map { $0.first?.start } == starts)
        }
        if let ends = timing.ends { #expect(replay.intervals.map { $0.last?.end } == ends) }
        compared += 1
        guard let busy = timing.busy, let bubble = timing.bubble,
          let fraction = timing.bubbleOfMakespan
        else { continue }
        #expect(replay.busy.allSatisfy { $0 == busy }, place)
        #expect(abs(replay.bubbleFractionOfMakespan - fraction) < 1e-6, place)
        #expect(abs(replay.bubbleOverIdeal * busy - bubble) < 1e-6, place)
      }
    }
    #expect(compared == 336)
  }

  @Test("schedules with a rule make the published order, token by token")
  func rules() throws {
    var compared = 0
    for entry in try ScheduleIndex.read().entries where entry.isRule {
      let schedule = try #require(entry.ours, "\(entry.file)")
      let order = try schedule.order(
        ranks: entry.ranks, chunks: entry.chunks, microbatches: entry.microbatches,
        overlappingExperts: entry.overlapsExperts)
      #expect(lines(order.text) == lines(try entry.text()), "\(entry.file)")
      compared += 1
    }
    #expect(compared == 57)
  }

  @Test("searched schedules are never longer than the published ones, in no more memory")
  func searched() throws {
    for entry in try ScheduleIndex.read().entries where !entry.isRule {
      let schedule = try #require(entry.ours, "\(entry.file)")
      for (name, timing) in entry.timings {
        let order = try schedule.order(
          ranks: entry.ranks, chunks: entry.chunks, microbatches: entry.microbatches,
          times: timing.times)
        let replay = try ScheduleReplay(order, timing.times)
        let place = Comment(rawValue: "\(entry.file) \(name): \(replay.makespan)")
        #expect(replay.makespan <= timing.makespan, place)
        let limit = try #require(memoryLimit(of: schedule, ranks: entry.ranks))
        #expect(order.peakInFlight(heldUntil: .weightGradient).allSatisfy { $0 <= limit }, place)
      }
    }
  }
}

/// The most chunk activations that a searched schedule may keep until their weight gradient.
func memoryLimit(of schedule: PipelineSchedule, ranks: Int) -> Int? {
  switch schedule {
  case .zeroBubbleH1: ranks
  case .zeroBubbleH2, .zeroBubbleV: 2 * ranks
  case .vHalf: 2 * ((ranks + 2) / 2)
  case .vMin: 2 * ((ranks + 4) / 3)
  default: nil
  }
}

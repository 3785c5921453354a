import Parallelism
import Testing

/// Makespans and peaks that papers and upstream projects state, each where it holds.
@Suite("Closed forms of pipeline schedules") struct ClosedFormTests {
  static let timings: [PassTimes] = [
    .equal, PassTimes(forward: 10, inputGradient: 12, weightGradient: 9),
    PassTimes(forward: 3, inputGradient: 1, weightGradient: 7),
  ]

  /// The time of a forward and a backward.
  private func slot(_ times: PassTimes) -> Double {
    times.duration(of: .forward) + times.duration(of: .backward)
  }

  @Test("GPipe takes (m + p − 1)(F + B) + 2(p − 1)c and holds m microbatches", arguments: 1...6)
  func gpipe(ranks: Int) throws {
    for microbatches in 1...9 {
      let order = try PipelineSchedule.gpipe.order(ranks: ranks, microbatches: microbatches)
      for latency in [0, 3, 40] as [Double] {
        for var times in Self.timings {
          times.latency = latency
          #expect(
            try ScheduleReplay(order, times).makespan == Double(microbatches + ranks - 1)
              * slot(times) + Double(2 * (ranks - 1)) * latency)
        }
      }
      #expect(order.peakInFlight(heldUntil: .inputGradient).allSatisfy { $0 == microbatches })
    }
  }

  @Test("1F1B takes (m + p − 1)(F + B) and rank r holds min(m, p − r)", arguments: 1...6)
  func oneForwardOneBackward(ranks: Int) throws {
    for microbatches in 1...9 {
      let order = try PipelineSchedule.oneForwardOneBackward.order(
        ranks: ranks, microbatches: microbatches)
      for times in Self.timings {
        #expect(
          try ScheduleReplay(order, times).makespan == Double(microbatches + ranks - 1)
            * slot(times))
      }
      #expect(
        order.peakInFlight(heldUntil: .inputGradient)
          == (0..<ranks).map { min(microbatches, ranks - $0) })
    }
  }

  @Test(
    "latency costs 1F1B c[2(p − 1)m/p + 2(p − 2)] where p divides m and c is small",
    arguments: 2...8)
  func latencyOfOneForwardOneBackward(ranks: Int) throws {
    for rounds in 1...4 {
      let microbatches = rounds * ranks
      let order = try PipelineSchedule.oneForwardOneBackward.order(
        ranks: ranks, microbatches: microbatches)
      let times = PassTimes(forward: 10, inputGradient: 12, weightGradient: 9, latency: 1)
      let extra = 2 * (ranks - 1) * rounds + 2 * (ranks - 2)
      #expect(
        try ScheduleReplay(order, times).makespan
          == Double((microbatches + ranks - 1) * 31 + extra))
    }
  }

  @Test(
    "interleaved 1F1B takes (mv + p − 1)(F + B) where p divides m", arguments: 2...5, 2...4)
  func interleaved(ranks: Int, chunks: Int) throws {
    for rounds in 1...3 {
      let microbatches = rounds * ranks
      let order = try PipelineSchedule.interleaved(groupSize: nil).order(
        ranks: ranks, chunks: chunks, microbatches: microbatches)
      for times in Self.timings {
        let replay = try ScheduleReplay(order, times)
        #expect(replay.makespan == Double(microbatches * chunks + ranks - 1) * slot(times))
        let overIdeal = Double(ranks - 1) / Double(microbatches * chunks)
        #expect(abs(replay.bubbleOverIdeal - overIdeal) < 1e-12)
      }
      guard rounds > 1 else { continue }
      #expect(
        order.peakInFlight(heldUntil: .inputGradient)
          == (0..<ranks).map {
            min(microbatches * chunks, (chunks - 1) * ranks + 2 * (ranks - 1 - $0) + 1)
          })
    }
  }

  @Test(
    "breadth-first takes (mv + p − 1)(F + B) where m ≥ p, 2(p − 1)c more where m ≥ 2p",
    arguments: 1...4, 1...3)
  func breadthFirst(ranks: Int, chunks: Int) throws {
    for microbatches in ranks...9 {
      let order = try PipelineSchedule.breadthFirst.order(
        ranks: ranks, chunks: chunks, microbatches: microbatches)
      for latency in microbatches >= 2 * ranks ? [0, 1] : [0] as [Double] {
        for var times in Self.timings {
          times.latency = latency
          #expect(
            try ScheduleReplay(order, times).makespan
              == Double(microbatches * chunks + ranks - 1) * slot(times) + Double(2 * (ranks - 1))
              * latency)
        }
      }
      #expect(
        order.peakInFlight(heldUntil: .inputGradient).allSatisfy { $0 == microbatches * chunks })
    }
  }

  @Test(
    "ZB-H1 takes m(F + I + W) + (p − 1)(F + I − W) where m ≥ p; with m > p rank r holds p − r",
    arguments: 1...6)
  func zeroBubbleH1(ranks: Int) throws {
    for microbatches in ranks...12 {
      for times in Self.timings.prefix(2) {
        let order = try PipelineSchedule.zeroBubbleH1.order(
          ranks: ranks, microbatches: microbatches, times: times)
        let gradient = times.forward + times.inputGradient
        #expect(
          try ScheduleReplay(order, times).makespan == Double(microbatches) * slot(times)
            + Double(ranks - 1) * (gradient - times.weightGradient))
        if microbatches > ranks {
          #expect(
            order.peakInFlight(heldUntil: .inputGradient) == (0..<ranks).map { ranks - $0 })
        }
        #expect(
          order.peakInFlight(heldUntil: .weightGradient).allSatisfy { $0 <= ranks })
      }
    }
  }

  @Test(
    "with equal passes ZB-H2 and ZB-V have no bubble inside a rank's span where m ≥ 2p − 1",
    arguments: 1...6)
  func zeroBubble(ranks: Int) throws {
    for microbatches in (2 * ranks - 1)...(2 * ranks + 6) {
      let line = try ScheduleReplay(
        PipelineSchedule.zeroBubbleH2.order(ranks: ranks, microbatches: microbatches))
      #expect(line.longestSpan == Double(3 * microbatches))
      #expect(line.makespan == Double(3 * microbatches + ranks - 1))
      let v = try ScheduleReplay(
        PipelineSchedule.zeroBubbleV.order(ranks: ranks, chunks: 2, microbatches: microbatches))
      #expect(v.longestSpan == Double(6 * microbatches))
      #expect(v.makespan == Double(6 * microbatches + ranks - 1))
      #expect(v.order.peakInFlight(heldUntil: .weightGradient).allSatisfy { $0 == 2 * ranks })
    }
  }

  @Test(
    "with equal passes interleaved zero bubble idles p − 1 chunk slots where p divides m",
    arguments: 2...5, 2...4)
  func interleavedZeroBubble(ranks: Int, chunks: Int) throws {
    for rounds in 1...3 {
      let microbatches = rounds * ranks
      let order = try PipelineSchedule.interleavedZeroBubble.order(
        ranks: ranks, chunks: chunks, microbatches: microbatches)
      #expect(
        try ScheduleReplay(order).makespan == Double(3 * microbatches * chunks + ranks - 1))
      #expect(
        order.peakInFlight(heldUntil: .weightGradient).allSatisfy {
          $0 == min(chunks * ranks, microbatches * chunks)
        })
    }
  }

  @Test("DualPipe idles (p/2 − 1)(FB + B − 3W) and DualPipeV (p − 1)(FB + B − 3W) where F = I ≥ W")
  func dualPipe() throws {
    let timings =
      [PassTimes.equal]
      + [(2.0, 1.0), (5, 2), (7, 6)].map {
        PassTimes(forward: $0.0, inputGradient: $0.0, weightGradient: $0.1)
      }
    for half in 1...4 {
      for microbatches in [4 * half, 4 * half + 2, 8 * half + 4] {
        let both = try PipelineSchedule.dualPipe.order(
          ranks: 2 * half, microbatches: microbatches)
        let folded = try PipelineSchedule.dualPipeV.order(
          ranks: half, chunks: 2, microbatches: microbatches)
        #expect(both.peakInFlight(heldUntil: .inputGradient).allSatisfy { $0 == 2 * half + 1 })
        #expect(folded.peakInFlight(heldUntil: .inputGradient).allSatisfy { $0 == 2 * half + 1 })
        for times in timings {
          let backward = times.duration(of: .backward)
          let bubble = Double(half - 1) * (times.pair + backward - 3 * times.weightGradient)
          #expect(
            try ScheduleReplay(both, times).makespan == Double(microbatches) * slot(times) + bubble)
          #expect(
            try ScheduleReplay(folded, times).makespan
              == 2 * Double(microbatches) * slot(times) + bubble)
        }
      }
    }
  }

  @Test(
    "Chimera idles (D − 2)/(3N/2 + D − 2) of the time where B = 2F, holding D/2 + 1 to D",
    arguments: [2, 4, 6, 8, 16])
  func chimera(ranks: Int) throws {
    let order = try PipelineSchedule.chimera.order(ranks: ranks, microbatches: ranks)
    let d = Double(ranks)
    let long = try ScheduleReplay(order)
    #expect(abs(long.bubbleFractionOfMakespan - (d - 2) / (1.5 * d + d - 2)) < 1e-12)
    let short = try ScheduleReplay(
      order, PassTimes(forward: 2, inputGradient: 1, weightGradient: 1))
    #expect(abs(short.bubbleFractionOfMakespan - (d - 2) / (2 * d + d - 2)) < 1e-12)
    #expect(
      order.peakInFlight(heldUntil: .inputGradient)
        == (0..<ranks).map { ranks / 2 + 1 + min($0, ranks - 1 - $0) })
  }

  @Test("V-Half and V-Min keep to their share of 1F1B's memory, and V-Half is the faster one")
  func controlledMemory() throws {
    for ranks in 1...8 {
      for microbatches in [1, 2, ranks, 2 * ranks, 3 * ranks + 1] {
        let half = try PipelineSchedule.vHalf.order(
          ranks: ranks, chunks: 2, microbatches: microbatches)
        let minimal = try PipelineSchedule.vMin.order(
          ranks: ranks, chunks: 2, microbatches: microbatches)
        #expect(
          half.peakInFlight(heldUntil: .weightGradient).allSatisfy { $0 <= 2 * ((ranks + 2) / 2) })
        #expect(
          minimal.peakInFlight(heldUntil: .weightGradient).allSatisfy {
            $0 <= 2 * ((ranks + 4) / 3)
          })
        #expect(try ScheduleReplay(half).makespan <= ScheduleReplay(minimal).makespan)
      }
    }
  }
}

import Parallelism
import Testing

@Suite("Pipeline schedules") struct PipelineScheduleTests {
  static let all: [PipelineSchedule] =
    PipelineSchedule.names.compactMap { PipelineSchedule(name: $0) }
    + [.forwardOnly] + (2...6).map { .interleaved(groupSize: $0) }

  @Test("every legal order is complete, finishes and reads back from its text", arguments: all)
  func finishes(schedule: PipelineSchedule) throws {
    var legal = 0
    for ranks in 1...6 {
      for chunks in 1...3 {
        for microbatches in 1...13 {
          guard
            let order = try? schedule.order(
              ranks: ranks, chunks: chunks, microbatches: microbatches)
          else { continue }
          legal += 1
          let read = try PipelineOrder(parsing: order.text)
          // One rank holds a V and a loop of two chunks alike, and one microbatch has no second half.
          if ranks > 1 { #expect(read == order) }
          #expect(read.text == order.text)
        }
      }
    }
    #expect(legal > 0)
  }

  @Test("scaling all times scales the makespan; longer passes and messages never shorten it")
  func laws() throws {
    let times = PassTimes(forward: 10, inputGradient: 12, weightGradient: 9, latency: 3)
    let tripled = PassTimes(forward: 30, inputGradient: 36, weightGradient: 27, latency: 9)
    var slower = [times, times, times, times]
    slower[0].forward += 5
    slower[1].inputGradient += 5
    slower[2].weightGradient += 5
    slower[3].latency += 5
    for schedule in Self.all {
      guard
        let order = try? schedule.order(
          ranks: 4, chunks: schedule.usualChunks, microbatches: schedule == .chimera ? 4 : 12)
      else { continue }
      let makespan = try ScheduleReplay(order, times).makespan
      #expect(try ScheduleReplay(order, tripled).makespan == 3 * makespan)
      for times in slower {
        #expect(try ScheduleReplay(order, times).makespan >= makespan, "\(schedule)")
      }
    }
  }

  @Test("neighbours of a chunk are the ranks of the stages before and after it")
  func neighbours() throws {
    for schedule in Self.all {
      guard
        let order = try? schedule.order(
          ranks: 4, chunks: schedule.usualChunks, microbatches: schedule == .chimera ? 4 : 12)
      else { continue }
      for rank in 0..<order.ranks {
        for chunk in 0..<order.chunks {
          let stage = order.stage(rank: rank, chunk: chunk)
          for microbatch in order.microbatches(ofChunk: chunk) {
            #expect(order.rank(ofStage: stage, microbatch: microbatch) == rank)
            #expect(order.chunk(ofStage: stage, microbatch: microbatch) == chunk)
            #expect(
              order.previousRank(rank: rank, chunk: chunk)
                == (stage > 0 ? order.rank(ofStage: stage - 1, microbatch: microbatch) : nil))
            #expect(
              order.nextRank(rank: rank, chunk: chunk)
                == (stage < order.stages - 1
                  ? order.rank(ofStage: stage + 1, microbatch: microbatch) : nil))
          }
        }
      }
    }
  }

  @Test("interleaving in groups of one microbatch per rank is plain interleaving")
  func groupOfRanks() throws {
    let plain = try PipelineSchedule.oneForwardOneBackward.order(
      ranks: 4, chunks: 3, microbatches: 8)
    for groupSize in [nil, 4] {
      #expect(
        try PipelineSchedule.interleaved(groupSize: groupSize).order(
          ranks: 4, chunks: 3, microbatches: 8) == plain)
    }
  }

  @Test("forward-only orders contain each forward once and finish", arguments: 1...4, 1...3)
  func forwardOnly(ranks: Int, chunks: Int) throws {
    for microbatches in 1...7 {
      let order = try PipelineSchedule.forwardOnly.order(
        ranks: ranks, chunks: chunks, microbatches: microbatches)
      #expect(order.slots.allSatisfy { Set($0).count == microbatches * chunks })
      #expect(order.slots.joined().allSatisfy { $0.pass == .forward })
      let makespan = try ScheduleReplay(order).makespan
      if microbatches % ranks == 0 {
        #expect(makespan == Double(microbatches * chunks + ranks - 1))
      }
    }
  }

  @Test("every name gives a schedule of that name")
  func names() throws {
    #expect(PipelineSchedule.names.count == 13)
    for name in PipelineSchedule.names {
      #expect(try PipelineSchedule(named: name).name == name)
      #expect(PipelineSchedule(name: name.uppercased())?.name == name)
    }
    #expect(
      try PipelineSchedule(named: "interleaved", groupSize: 6) == .interleaved(groupSize: 6))
    #expect(PipelineSchedule.interleaved(groupSize: 6).name == "interleaved")
  }
}

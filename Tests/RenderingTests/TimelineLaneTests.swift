import Graph
import Simulation
import Testing
import Units

@testable import Rendering

@Suite("Timeline lanes") struct TimelineLaneTests {
  @Test(
    "joining operations keeps their number and their time, at every resolution",
    arguments: [1, 1_000, 1_000_000, 20_000_000, 1_000_000_000] as [Int64])
  func conservation(resolution: Int64) throws {
    let timeline = try TinyStep.timeline(microbatches: 50)
    for rank in 0..<4 {
      let program = timeline.graph.program(of: rank)
      let spans = OperationSpans(timeline, rank: rank)
      let whole = 0..<timeline.makespan.picoseconds
      for stream in DeviceStream.allCases {
        let lane = TimelineLane(
          program, spans: spans, stream: stream, window: whole, resolution: resolution)
        let members = program.operations.indices.filter { program.operations[$0].stream == stream }
        #expect(lane.blocks.reduce(0) { $0 + $1.operations } == members.count)
        let time = members.reduce(0) { $0 + spans.finishes[$1] - spans.starts[$1] }
        #expect(lane.blocks.reduce(0) { $0 + $1.busyTime } == time)
        #expect(lane.blocks.allSatisfy { $0.busyTime <= $0.width })
        #expect(zip(lane.blocks, lane.blocks.dropFirst()).allSatisfy { $0.finish <= $1.start })
      }
    }
  }

  @Test("a window keeps what lies inside it")
  func window() throws {
    let timeline = try TinyStep.timeline()
    let window = Int64(10_000_000)..<Int64(40_000_000)
    let lane = TimelineLane(
      timeline.graph.programs[0], spans: OperationSpans(timeline, rank: 0), stream: .compute,
      window: window, resolution: 1)
    #expect(lane.blocks.allSatisfy { window.contains($0.start) && $0.finish <= 40_000_000 })
  }

  @Test("idle gaps are what no span covers, counted picosecond by picosecond")
  func idleGaps() {
    var random = SeededRandom(seed: 11)
    for _ in 0..<500 {
      let spans = (0..<Int.random(in: 0...6, using: &random)).map { _ in
        let start = Int64.random(in: 0...40, using: &random)
        return start..<start + Int64.random(in: 0...12, using: &random)
      }
      let window = Int64(5)..<Int64(40)
      let idle = window.count { time in !spans.contains { $0.contains(time) } }
      let gaps = IdleGaps(between: spans, in: window)
      #expect(gaps.total == Int64(idle))
      #expect(gaps.gaps.allSatisfy { !$0.isEmpty })
    }
  }

  @Test(
    "an axis has a handful of ticks at round times inside its window",
    arguments: [1, 7, 999, 48_000, 3_700_000, 91_000_000, 1_410_000_000_000] as [Int64])
  func ticks(span: Int64) {
    for start in [0, 13, 5_000_000] as [Int64] {
      let axis = TimeAxis(window: start..<start + span, left: 0, right: 1000)
      let ticks = axis.ticks
      #expect(ticks.count <= 16)
      #expect(span < 3 || ticks.count >= 2)
      #expect(ticks.allSatisfy { $0.picoseconds >= start && $0.picoseconds <= start + span })
      #expect(Set(ticks.map(\.label)).count == ticks.count)
    }
  }
}

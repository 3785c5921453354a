import Graph
import Parallelism
import Simulation

/// All lanes of one rank, with the gaps between them.
struct RankRow {
  let rank: Int
  let name: String
  /// Streams that hold anything in the window, compute first.
  let lanes: [TimelineLane]
  let idle: IdleGaps

  init(_ timeline: Timeline, rank: Int, axis: TimeAxis) {
    let program = timeline.graph.program(of: rank)
    let spans = OperationSpans(timeline, rank: rank)
    self.rank = rank
    name = "stage \(program.pipelineRank) · rank \(rank)"
    lanes = DeviceStream.allCases.map { stream in
      TimelineLane(
        program, spans: spans, stream: stream, window: axis.window, resolution: axis.resolution)
    }.filter { !$0.blocks.isEmpty || $0.stream == .compute }
    idle = IdleGaps(
      between: program.operations.indices.filter { program.operations[$0].meeting != .receive }
        .map { spans.starts[$0]..<spans.finishes[$0] },
      in: axis.window)
  }

  static func height(of lane: TimelineLane) -> Double { lane.stream == .compute ? 26 : 11 }

  /// Below the compute lane runs the line of the critical path.
  static func spacing(after lane: TimelineLane) -> Double { lane.stream == .compute ? 6 : 2 }

  var height: Double {
    max(30, lanes.reduce(0) { $0 + Self.height(of: $1) + Self.spacing(after: $1) }) + 12
  }
}

import Graph
import Parallelism
public import Simulation
public import Units

/// A step over time: a lane per rank and stream, time to scale.
///
/// Operations too thin to see are joined per microbatch; the height of a bar is then the share of its
/// span that the stream was busy.
public struct TimelinePicture: Sendable {
  public let timeline: Timeline
  public let title: PictureTitle
  /// The ranks shown, one under the other.
  public let ranks: [Int]
  /// The part of the step shown.
  public let window: Range<Instant>
  /// The operations of the critical path; none if empty.
  public let criticalPath: [PathPicture.Segment]
  /// The most blocks that are drawn; further ones are counted and left out.
  public let nodeLimit: Int

  static let width = 1180.0
  static let gutter = 136.0

  /// - Parameters:
  ///   - ranks: nil shows one rank per pipeline stage, where there is a critical path the one that
  ///     it spends most time on.
  ///   - window: nil shows the whole step.
  /// - Throws: `RenderingError.noSuchRank`.
  public init(
    timeline: Timeline, ranks: [Int]? = nil, title: PictureTitle,
    criticalPath: [PathPicture.Segment] = [], window: Range<Instant>? = nil, nodeLimit: Int = 6000
  ) throws(RenderingError) {
    let grid = timeline.graph.grid
    for rank in ranks ?? [] where !(0..<grid.worldSize).contains(rank) {
      throw .noSuchRank(rank: rank, worldSize: grid.worldSize)
    }
    self.timeline = timeline
    self.title = title
    self.criticalPath = criticalPath
    self.nodeLimit = nodeLimit
    self.window = window ?? .zero..<Instant(max(1, timeline.makespan.picoseconds))
    self.ranks = ranks ?? representativeRanks(grid, path: criticalPath)
  }

  /// The picture, to be rendered in a format.
  public func drawing() -> Drawing {
    var painter = TimelinePainter(self)
    return painter.paint()
  }
}

/// For each pipeline stage the rank that the critical path spends most time on, else its first.
private func representativeRanks(_ grid: RankGrid, path: [PathPicture.Segment]) -> [Int] {
  var time = [Int64](repeating: 0, count: grid.worldSize)
  for segment in path { time[segment.rank] += segment.duration }
  return (0..<grid.plan.pipeline).map { stage in
    let ranks = (0..<grid.worldSize).filter { grid.pipelineRank(of: $0) == stage }
    return ranks.max { (time[$0], $1) < (time[$1], $0) } ?? 0
  }
}

import Graph
import Parallelism
public import Simulation
public import Units

/// The operations that would be critical next: off the path, with the least slack.
public struct NearCritical: Hashable, Sendable {
  public let rank: Int
  /// Index into the rank's program.
  public let operation: Int
  public let slack: Ticks

  /// The least slack of each kind and pass of operation on some ranks, least first.
  ///
  /// - Parameters:
  ///   - ranks: where to look; one rank per stage suffices where ranks are alike.
  ///   - limit: how many at most.
  public static func operations(
    of timeline: Timeline, path: CriticalPath, slack: Slack, ranks: [Int], limit: Int
  ) -> [NearCritical] {
    struct Kind: Hashable { let stage: Int, kind: OperationKind, pass: OperationPass }
    var least: [Kind: NearCritical] = [:]
    for rank in ranks {
      let program = timeline.graph.program(of: rank)
      for (index, operation) in program.operations.enumerated() {
        let found = slack.of(rank: rank, operation: index)
        guard found > .zero else { continue }
        let kind = Kind(
          stage: program.pipelineRank, kind: operation.kind, pass: operation.pass)
        if let known = least[kind], known.slack <= found { continue }
        least[kind] = NearCritical(rank: rank, operation: index, slack: found)
      }
    }
    let onPath = Set(
      path.segments.map { segment in
        let operation = timeline.graph.program(of: segment.rank).operations[segment.operation]
        return Kind(
          stage: timeline.graph.grid.pipelineRank(of: segment.rank), kind: operation.kind,
          pass: operation.pass)
      })
    return least.filter { !onPath.contains($0.key) }.map(\.value).sorted {
      ($0.slack, $0.rank, $0.operation) < ($1.slack, $1.rank, $1.operation)
    }.prefix(limit).map { $0 }
  }
}

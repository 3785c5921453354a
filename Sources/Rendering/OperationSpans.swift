import Cost
import Graph
import Parallelism
import Simulation
import Units

/// When the operations of one rank held their streams, in picoseconds.
///
/// A collective holds its stream from the arrival of its last member; a receive counts from when its
/// sender began to send.
struct OperationSpans {
  let rank: Int
  /// Indexed like the operations of the rank's program.
  let starts: [Int64]
  let finishes: [Int64]

  init(_ timeline: Timeline, rank: Int) {
    let graph = timeline.graph
    let program = graph.program(of: rank)
    var starts: [Int64] = []
    var finishes: [Int64] = []
    starts.reserveCapacity(program.operations.count)
    finishes.reserveCapacity(program.operations.count)
    for (index, operation) in program.operations.enumerated() {
      let finish = timeline.finish(rank: rank, operation: index).picoseconds
      let duration = timeline.costs.duration(of: operation, on: rank, graph.grid)
      starts.append(max(0, finish - duration.picoseconds))
      finishes.append(finish)
    }
    self.rank = rank
    self.starts = starts
    self.finishes = finishes
  }
}

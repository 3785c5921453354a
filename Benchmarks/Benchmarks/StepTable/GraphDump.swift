import Foundation
import StepStages
import Units

/// The explicit graph of the flagship without launches as a file, for simulators in other languages.
///
/// Little-endian: tasks as 64 bits, durations in picoseconds as 64 bits each, where successors begin as
/// 32 bits each and one more, successors as 32 bits each.
struct GraphDump {
  let graph: ExplicitGraph

  init(size: StepSize) throws {
    let step = try Flagship(size, microbatches: 2).launched()
    graph = ExplicitGraph(step.graph, costs: step.costs)
  }

  func write(to file: URL) throws {
    var data = Data()
    withUnsafeBytes(of: Int64(graph.durations.count).littleEndian) { data.append(contentsOf: $0) }
    graph.durations.withUnsafeBytes { data.append(contentsOf: $0) }
    graph.starts.withUnsafeBytes { data.append(contentsOf: $0) }
    graph.successors.withUnsafeBytes { data.append(contentsOf: $0) }
    try data.write(to: file)
    print("\(graph.durations.count) tasks, \(graph.makespan().picoseconds) ps: \(file.path)")
  }
}

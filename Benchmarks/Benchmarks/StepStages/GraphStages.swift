import Benchmark
import Cost
import Graph
import Lowering
import Units

/// From a model to a priced graph.
func graphBenchmarks() {
  stageBenchmark("lower: flagship") {
    try Flagship()
  } work: { flagship in
    try flagship.lowered()
  } checksum: { graph in
    var checksum = Checksum()
    checksum.add(graph.nodeCount)
    checksum.add(graph.edgeCount)
    checksum.add(graph.works.count)
    for operation in graph.programs.lazy.flatMap(\.operations) {
      checksum.add(operation.work)
      checksum.add(operation.partner)
    }
    return checksum
  }

  stageBenchmark("price: flagship") {
    let flagship = try Flagship()
    return (graph: try flagship.lowered(), cluster: flagship.cluster)
  } work: { step in
    try StepCosts(graph: step.graph, cluster: step.cluster)
  } checksum: { costs in
    var checksum = Checksum()
    for duration in costs.durations { checksum.add(Int(duration.picoseconds)) }
    return checksum
  }
}

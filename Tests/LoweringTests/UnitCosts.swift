import Cost
import Graph
import Parallelism
import Simulation
import Units

extension StepCosts {
  /// Every operation takes as long as every other.
  static func unit(_ graph: StepGraph) -> StepCosts {
    let count = graph.works.count
    return StepCosts(
      durations: [Ticks](repeating: Ticks(1000), count: count), offset: Array(0..<count),
      isPerGroup: [Bool](repeating: false, count: count))
  }
}

extension StepGraph {
  /// Holds the graph against its invariants and plays it with unit costs.
  @discardableResult func expectSound() throws -> Timeline {
    try validate()
    return try EventDrivenExecutor(self, costs: .unit(self)).run()
  }

  /// Floating-point operations of the kernels of one pass of one stage.
  func flops(stage: Int, pass: OperationPass) -> Double {
    programs[stage].operations.filter { $0.pass == pass }.reduce(0) {
      $0 + works[$1.work].flops.count
    }
  }

  /// Input bytes of the collectives of one stage that satisfy a condition.
  func bytes(stage: Int, where condition: (Graph.Operation, Collective) -> Bool) -> Int {
    collectives(stage: stage).filter { condition($0.operation, $0.work) }.reduce(0) {
      $0 + $1.work.input.count
    }
  }
}

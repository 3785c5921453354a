import Graph
import Parallelism

/// Collects the parameter shards of a stage in Megatron's order of definition.
struct ParameterList {
  private(set) var shards: [ParameterShard] = []
  let plan: ParallelPlan
  /// The chunk and layer that parameters being added belong to.
  var chunk = 0
  var layer: Int?

  init(plan: ParallelPlan) { self.plan = plan }

  /// Adds tensors of one operation and returns their indices; empty tensors are left out.
  mutating func add(
    _ owner: OperationKind, _ tensors: [Int], isExpert: Bool = false, isReplicated: Bool = false
  ) -> [Int] {
    let first = shards.count
    for elements in tensors where elements > 0 {
      shards.append(
        ParameterShard(
          owner: owner, layer: layer, chunk: chunk, elements: elements, isExpert: isExpert,
          isSequenceReplicated: isReplicated && plan.sequenceParallel))
    }
    return Array(first..<shards.count)
  }
}

import Graph
import Parallelism

/// A block worked out so that stamping it copies whole arrays and patches little.
struct BlockTemplate {
  let block: Block
  /// The block's operations; a collective's partner counts the calls of its family before it here.
  let operations: [Operation]
  /// By family, the block's collectives.
  let calls: [Int]
  /// Where the dependencies of the operation after each one begin.
  let ends: [Int32]
  /// What operations wait for, from the start of the block; 0 where it lies outside.
  let dependencies: [Int32]
  /// The dependencies that lie outside, by place in the list.
  let outside: [(place: Int, dependency: Block.Dependency)]
  /// How many operations of the chunk's previous backward it must find.
  let accumulations: Int

  init(_ block: Block) {
    var calls = [Int](repeating: 0, count: GroupFamily.allCases.count)
    var outside: [(place: Int, dependency: Block.Dependency)] = []
    var accumulations = 0
    operations = block.operations.map { operation in
      guard case .collective(let family) = operation.meeting else { return operation }
      defer { calls[Int(family.rawValue)] += 1 }
      return operation.placed(microbatch: -1, partner: calls[Int(family.rawValue)])
    }
    dependencies = block.dependencies.enumerated().map { place, dependency in
      if case .local(let local) = dependency { return local }
      if case .accumulate(let ordinal) = dependency {
        accumulations = max(accumulations, Int(ordinal) + 1)
      }
      outside.append((place, dependency))
      return 0
    }
    ends = Array(block.dependencyStart.dropFirst())
    self.block = block
    self.calls = calls
    self.outside = outside
    self.accumulations = accumulations
  }
}

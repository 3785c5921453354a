import Graph
import Parallelism

extension Reading {
  /// The kind of the expected operation that a role names.
  func kind(of role: Role) -> OperationKind? {
    if role.operation >= 0 { return program(of: role).operations[Int(role.operation)].kind }
    guard role.stepOperation >= 0 else { return nil }
    return program(of: role).stepOperations[Int(role.stepOperation)].kind
  }

  /// Whether a rank has any node of a kind.
  func isFound(_ kind: OperationKind, rank: Int) -> Bool {
    kindsOfRank[rank * OperationKind.allCases.count + Int(kind.rawValue)]
  }

  /// How many nodes of a path are followed; the longest that any granularity of ours needs is a
  /// handful.
  static let reach = 64

  /// How many nodes of a kind must be waited for by what closes the step: all of the step's own, or
  /// one where they belong to the layers, whose last comes behind all others.
  func stepCount(rank: Int, of kind: OperationKind) -> Int {
    let program = expected.programs[expected.grid.pipelineRank(of: rank)]
    let count = program.stepOperations.indices.filter { program.stepOperations[$0].kind == kind }
      .reduce(0) { $0 + stepCount(rank: rank, operation: $1) }
    return max(1, count)
  }

  /// Whether a node waits for what it must.
  func isMet(_ predecessor: ExpectedPredecessor, by id: NodeID) -> Bool {
    let role = roles[Int(id.index)]
    let program = program(of: role)
    var microbatch = Int(role.microbatch)
    if predecessor.ofEarlierMicrobatch {
      guard
        let earlier = program.microbatch(
          before: microbatch, chunk: program.operations[predecessor.operation].chunk)
      else { return true }
      microbatch = earlier
    }
    // What is missing is not waited for; the census tells of it.
    let present = count(
      rank: Int(role.rank), operation: predecessor.operation, microbatch: microbatch)
    guard present > 0 else { return true }
    return precedes(
      id, within: predecessor.relation == .path ? Self.reach : 0,
      times: predecessor.needsAll ? present : 1
    ) { candidate in
      Int(candidate.operation) == predecessor.operation && candidate.rank == role.rank
        && Int(candidate.microbatch) == microbatch
    }
  }

  /// Whether as many nodes that fit are predecessors, or are reached backwards on the same rank
  /// within a number of further nodes.
  func precedes(
    _ id: NodeID, within reach: Int, times: Int = 1, _ fits: (Role) -> Bool
  ) -> Bool {
    var missing = times
    let rank = roles[Int(id.index)].rank
    var visited: [NodeID] = [id]
    var fitting: [NodeID] = []
    var next = 0
    while next < visited.count, next <= reach {
      for predecessor in graph.predecessors(of: visited[next]) {
        let role = roles[Int(predecessor.index)]
        if fits(role), !fitting.contains(predecessor) {
          missing -= 1
          if missing == 0 { return true }
          fitting.append(predecessor)
        }
        if reach > 0, role.rank == rank, visited.count < 4 * reach, !visited.contains(predecessor) {
          visited.append(predecessor)
        }
      }
      next += 1
    }
    return false
  }
}

import Graph
import Units

/// Checks that what must end before an operation starts is connected to it.
struct DependencyCheck {
  /// A required relation by kinds, so that one missing edge per rank and layer makes one finding.
  private struct Relation: Hashable {
    let source: String
    let target: OperationKind
    let pass: OperationPass
    let isSkip: Bool
  }

  /// How far a path is followed; the longest that any granularity of ours needs is a handful.
  private static let reach = 64
  private let reading: Reading
  private var broken = Tallies<Relation>()

  private init(_ reading: Reading) { self.reading = reading }

  static func findings(_ reading: Reading) -> [Finding] {
    var check = DependencyCheck(reading)
    for id in reading.graph.ids {
      let role = reading.roles[Int(id.index)]
      if role.operation >= 0 {
        check.examine(id, role)
      } else if role.stepOperation >= 0 {
        check.examine(step: id, role)
      }
    }
    return check.broken.entries.map { check.finding($0.key, $0.places) }
  }

  private mutating func examine(_ id: NodeID, _ role: Reading.Role) {
    let program = reading.program(of: role)
    let operation = program.operations[Int(role.operation)]
    for predecessor in operation.predecessors {
      let microbatch = Int(role.microbatch) - (predecessor.ofEarlierMicrobatch ? 1 : 0)
      guard microbatch >= 0,
        reading.count(
          rank: Int(role.rank), operation: predecessor.operation, microbatch: microbatch) > 0
      else { continue }
      let reach = predecessor.isDirect ? 0 : Self.reach
      let isThere = precedes(id, within: reach) { candidate in
        candidate.rank == role.rank && Int(candidate.operation) == predecessor.operation
          && Int(candidate.microbatch) == microbatch
      }
      if !isThere {
        let source = program.operations[predecessor.operation]
        broken.add(
          Relation(
            source: "\(source.kind.label) \(source.pass.label)", target: operation.kind,
            pass: operation.pass, isSkip: predecessor.isDirect), reading.place(id))
      }
    }
  }

  private mutating func examine(step id: NodeID, _ role: Reading.Role) {
    let program = reading.program(of: role)
    let operation = program.stepOperations[Int(role.stepOperation)]
    let sources = operation.after.filter { program.stepOperation(kind: $0) != nil }
    let isReduction = [.gradientReduce, .expertGradientReduce, .sequenceGradientReduce].contains(
      operation.kind)
    if isReduction {
      let last = reading.expected.configuration.microbatches - 1
      let isThere = precedes(id, within: Self.reach) { candidate in
        candidate.rank == role.rank && Int(candidate.microbatch) == last
          && (candidate.pass == .weightGradient || candidate.pass == .inputGradient)
      }
      if !isThere {
        broken.add(
          Relation(
            source: "backward of the last microbatch", target: operation.kind, pass: .step,
            isSkip: false), reading.place(id))
      }
    }
    guard !sources.isEmpty else { return }
    let isThere = precedes(id, within: 4 * Self.reach) { candidate in
      candidate.rank == role.rank && candidate.stepOperation >= 0
        && sources.contains(program.stepOperations[Int(candidate.stepOperation)].kind)
    }
    if !isThere {
      let names = sources.map(\.label).joined(separator: " or ")
      broken.add(
        Relation(source: names, target: operation.kind, pass: .step, isSkip: false),
        reading.place(id))
    }
  }

  /// Whether a node that fits is a predecessor, or is reached backwards on the same rank within a
  /// number of further nodes.
  private func precedes(_ id: NodeID, within reach: Int, _ fits: (Reading.Role) -> Bool) -> Bool {
    let graph = reading.graph
    for predecessor in graph.predecessors(of: id)
    where fits(reading.roles[Int(predecessor.index)]) {
      return true
    }
    guard reach > 0 else { return false }
    let rank = reading.roles[Int(id.index)].rank
    var visited: [NodeID] = [id]
    var next = 0
    while next < visited.count, next <= reach {
      for predecessor in graph.predecessors(of: visited[next]) {
        let role = reading.roles[Int(predecessor.index)]
        if fits(role) { return true }
        if role.rank == rank, visited.count < 4 * reach, !visited.contains(predecessor) {
          visited.append(predecessor)
        }
      }
      next += 1
    }
    return false
  }

  private func finding(_ relation: Relation, _ places: Places) -> Finding {
    let target = "\(relation.target.label) \(relation.pass.label)"
    if relation.isSkip {
      return Finding(
        .attention, about: relation.target.label,
        "Missing residual (skip) edge from `\(relation.source)` to `\(target)`",
        expected: "an edge around the block", found: "\(grouped(places.count)) without", at: places,
        fix: "Add the edge from `\(relation.source)` to `\(target)`",
        action: OperationKind.attentionResidual.action)
    }
    return Finding(
      .structure, about: relation.target.label,
      "Missing dependency: `\(target)` does not wait for `\(relation.source)`",
      expected: "an edge or a path", found: "\(grouped(places.count)) without", at: places,
      fix: "Make `\(target)` depend on `\(relation.source)`")
  }
}

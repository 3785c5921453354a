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
    guard let variant = reading.variant(of: role) else { return }
    let program = reading.program(of: role)
    let operation = program.operations[Int(role.operation)]
    for predecessor in variant.predecessors where !reading.isMet(predecessor, by: id) {
      let source = program.operations[predecessor.operation]
      broken.add(
        Relation(
          source: "\(source.kind.label) \(source.pass.label)", target: operation.kind,
          pass: operation.pass, isSkip: predecessor.relation == .skip), reading.place(id))
    }
    if variant.mustWait, reading.graph.predecessors(of: id).isEmpty {
      add("what is computed two units before it", before: operation.kind, operation.pass, id)
    }
  }

  private mutating func examine(step id: NodeID, _ role: Reading.Role) {
    let program = reading.program(of: role)
    let operation = program.stepOperations[Int(role.stepOperation)]
    let sources = operation.after.filter { reading.isFound($0, rank: Int(role.rank)) }
    for source in sources {
      let isThere = reading.precedes(
        id, within: 4 * Reading.reach, times: reading.stepCount(rank: Int(role.rank), of: source)
      ) { candidate in
        candidate.rank == role.rank && reading.kind(of: candidate) == source
      }
      if !isThere { add(source.label, before: operation.kind, .step, id) }
    }
    let isReduction = [.gradientReduce, .expertGradientReduce, .sequenceGradientReduce].contains(
      operation.kind)
    let endsGradients = [.embeddingGradientReduce, .gradientNormReduce, .optimizer].contains(
      operation.kind)
    guard isReduction || (endsGradients && sources.isEmpty), program.hasGradients else { return }
    if !isBehindBackward(id, role, program) {
      add("backward of the last microbatch", before: operation.kind, .step, id)
    }
  }

  /// Whether a node waits for the backward that ends the gradients, or that of its own microbatch.
  private func isBehindBackward(_ id: NodeID, _ role: Reading.Role, _ program: ExpectedProgram)
    -> Bool
  {
    let stated = reading.graph[id].microbatch
    return reading.precedes(id, within: Reading.reach) { candidate in
      guard candidate.rank == role.rank, candidate.operation >= 0,
        candidate.pass == .weightGradient || candidate.pass == .inputGradient
      else { return false }
      let chunk = program.operations[Int(candidate.operation)].chunk
      return Int(candidate.microbatch) == stated ?? program.additions[chunk].last
    }
  }

  private mutating func add(
    _ source: String, before target: OperationKind, _ pass: OperationPass, _ id: NodeID
  ) {
    broken.add(
      Relation(source: source, target: target, pass: pass, isSkip: false), reading.place(id))
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

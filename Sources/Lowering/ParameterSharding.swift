import Graph
import Parallelism
import Units

/// ZeRO-3: gathers each layer's parameters before its forward and again before its backward, and
/// reduces its gradients to shards behind its backward, in every microbatch.
///
/// The gather of a layer may run while the layer before it computes, but not earlier, so at most two
/// layers are whole at once. Embedding and head are units of their own, or one where they share their
/// weight.
/// - SeeAlso: Zhao et al., "PyTorch FSDP", VLDB 2023, sections 3.3 and 3.4.
struct ParameterSharding {
  private let program: StageProgram
  private let groups: ShardGroups
  private let units: ShardedUnits
  private let microbatches: Int

  init(_ shape: LocalShape, of program: StageProgram, chunks: Int) {
    self.program = program
    groups = ShardGroups(shape.plan, shape.configuration)
    units = ShardedUnits(program.storage.parameters, chunks: chunks)
    microbatches = shape.configuration.microbatches
  }

  /// The program with its gathers and reductions.
  func applied(in works: inout WorkTable) -> StageProgram {
    var insertions = ProgramInsertions()
    addGathers(to: &insertions, in: &works)
    addReductions(to: &insertions, in: &works)
    return insertions.applied(to: program)
  }

  // Gathers.

  private func addGathers(to insertions: inout ProgramInsertions, in works: inout WorkTable) {
    let visits = LayerVisits(of: program, unit: units.visitedUnit)
    for (number, visit) in visits.visits.enumerated() {
      let opened = visits.visits[max(0, number - 1)].operations[0]
      let needed = visits.kernel(before: opened).map { [ProgramInsertions.Reference.existing($0)] }
      for isExpert in [false, true] {
        let elements = padded(units.elements(visit.unit, isExpert: isExpert), isExpert)
        guard elements > 0, let gather = groups.gather(elements: elements, isExpert: isExpert)
        else { continue }
        let reference = insertions.insert(
          operation(
            isExpert ? .expertParameterGather : .parameterGather,
            visit.isBackward ? .inputGradient : .forward, gather,
            like: program.operations[visit.operations[0]], in: &works),
          before: opened, after: needed ?? [])
        for user in visit.operations
        where units.isUser(program.operations[user])
          && units.usesExperts(program.operations[user]) == isExpert
        {
          insertions.require(reference, by: user)
        }
      }
    }
  }

  // Reductions.

  /// The kernels that produce one unit's gradients in one microbatch.
  private struct Producers {
    let unit: Int
    let isExpert: Bool
    var operations: [Int] = []

    /// The last of them.
    var end: Int { operations[operations.count - 1] }
  }

  private func addReductions(to insertions: inout ProgramInsertions, in works: inout WorkTable) {
    let lastMicrobatches = lastMicrobatches()
    var last: [Bool: ProgramInsertions.Reference] = [:]
    for producers in producers() {
      let example = program.operations[producers.end]
      let elements = padded(
        units.elements(producers.unit, isExpert: producers.isExpert), producers.isExpert)
      let isLast = lastMicrobatches[producers.unit] == example.microbatch
      var needed = producers.operations.map(ProgramInsertions.Reference.existing)
      for collective in collectives(elements, producers.isExpert, isLast: isLast) {
        let kind: OperationKind = producers.isExpert ? .expertGradientReduce : .gradientReduce
        let reference = insertions.insert(
          operation(kind, .weightGradient, collective, like: example, in: &works),
          before: producers.end + 1,
          after: needed)
        needed = [reference]
        last[producers.isExpert] = reference
      }
    }
    let close: Set<OperationKind> = [
      .sequenceGradientReduce, .embeddingGradientReduce, .gradientNormReduce, .optimizer,
    ]
    guard let end = program.operations.firstIndex(where: { close.contains($0.kind) }) else {
      return
    }
    for isExpert in [false, true] {
      if let reference = last[isExpert] { insertions.require(reference, by: end) }
    }
  }

  private func collectives(_ elements: Int, _ isExpert: Bool, isLast: Bool) -> [Collective] {
    let shard = Bytes(4 * elements) / groups.shards(ofExpert: isExpert)
    return [
      groups.scatter(elements: elements, isExpert: isExpert),
      isLast ? groups.replicaReduce(ofShard: shard, isExpert: isExpert) : nil,
    ].compactMap { $0 }
  }

  /// The producers of every unit, kind of parameter and microbatch, in order of their last one.
  private func producers() -> [Producers] {
    var known: [Int: Int] = [:]
    var all: [Producers] = []
    for (index, operation) in program.operations.enumerated() {
      guard units.isProducer(operation), let unit = units.unit(of: operation),
        let microbatch = operation.microbatch
      else { continue }
      let isExpert = units.usesExperts(operation)
      let key = ((unit * microbatches) + microbatch) * 2 + (isExpert ? 1 : 0)
      if known[key] == nil {
        known[key] = all.count
        all.append(Producers(unit: unit, isExpert: isExpert))
      }
      if let place = known[key] { all[place].operations.append(index) }
    }
    return all.sorted { $0.end < $1.end }
  }

  /// For each unit, the microbatch whose backward comes last.
  private func lastMicrobatches() -> [Int?] {
    var last = [Int?](repeating: nil, count: units.count)
    for operation in program.operations where units.isProducer(operation) {
      if let unit = units.unit(of: operation) { last[unit] = operation.microbatch }
    }
    return last
  }

  private func padded(_ elements: Int, _ isExpert: Bool) -> Int {
    let shards = groups.shards(ofExpert: isExpert)
    return divided(elements, by: shards) * shards
  }

  private func operation(
    _ kind: OperationKind, _ pass: OperationPass, _ collective: Collective,
    like example: Operation, in works: inout WorkTable
  ) -> Operation {
    Operation(
      kind: kind, pass: pass, stream: collective.family.stream,
      meeting: .collective(collective.family), layer: example.layer, chunk: example.chunk,
      microbatch: example.microbatch, work: works.number(of: .collective(collective)))
  }
}

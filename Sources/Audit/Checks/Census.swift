import Graph
import Parallelism
import Units

/// Counts what is there against what must be there, kind by kind.
struct Census {
  let reading: Reading
  /// Expected nodes of each kind and pass over all ranks, each counted as rarely as allowed.
  let expectedCounts: [Int]
  /// Where nodes of each kind and pass are missing, on ranks that have any node.
  private(set) var missing: [Places]
  /// The families of the groups over which each kind of collective runs.
  let families: [[GroupFamily]]
  /// Expected collective calls of each family over all ranks, each counted as rarely as allowed.
  private let expectedCalls: [Int]
  /// Collective calls found of each family, named by kind or by group.
  private(set) var calls: [Int]
  private var extra: [Places]
  private var unexpected: [Places]

  init(_ reading: Reading) {
    self.reading = reading
    let rows = OperationKind.allCases.count * OperationPass.allCases.count
    missing = Array(repeating: Places(), count: rows)
    extra = missing
    unexpected = missing
    expectedCounts = Self.expectedCounts(reading.expected, rows: rows)
    (families, expectedCalls) = Self.families(reading.expected)
    calls = Array(repeating: 0, count: GroupFamily.allCases.count)
    for rank in 0..<reading.expected.grid.worldSize where reading.nodesOfRank[rank] > 0 {
      compare(rank)
    }
    for (index, role) in reading.roles.enumerated() { note(role, of: NodeID(index)) }
    for node in reading.graph.nodes {
      guard node.operation != nil || node.kind?.isCollective == true else { continue }
      if let family = node.family ?? node.kind.flatMap({ families[Int($0.rawValue)].first }) {
        calls[Int(family.rawValue)] += 1
      }
    }
  }

  private static func families(_ expected: ExpectedStep) -> ([[GroupFamily]], calls: [Int]) {
    var families = [[GroupFamily]](repeating: [], count: OperationKind.allCases.count)
    var calls = [Int](repeating: 0, count: GroupFamily.allCases.count)
    func note(_ collective: ExpectedCollective?, of kind: OperationKind, times: Int) {
      guard let family = collective?.family else { return }
      let row = Int(kind.rawValue)
      if !families[row].contains(family) { families[row].append(family) }
      calls[Int(family.rawValue)] += times * expected.grid.plan.stageSize
    }
    for program in expected.programs {
      for operation in program.operations {
        for variant in operation.variants {
          note(
            variant.communication?.collective, of: operation.kind,
            times: operation.total(
              of: variant, microbatches: expected.configuration.microbatches))
        }
      }
      for operation in program.stepOperations {
        note(operation.collective, of: operation.kind, times: operation.count.lowerBound)
      }
    }
    return (families, calls)
  }

  /// Expected collective calls of a family over all ranks.
  func expectedCalls(of family: GroupFamily) -> Int { expectedCalls[Int(family.rawValue)] }

  private static func expectedCounts(_ expected: ExpectedStep, rows: Int) -> [Int] {
    var counts = Array(repeating: 0, count: rows)
    let stage = expected.grid.plan.stageSize
    for program in expected.programs {
      for operation in program.operations {
        counts[Reading.index(operation.kind, operation.pass)] +=
          operation.total(microbatches: expected.configuration.microbatches) * stage
      }
      for operation in program.stepOperations {
        counts[Reading.index(operation.kind, .step)] += operation.count.lowerBound * stage
      }
    }
    return counts
  }

  private mutating func compare(_ rank: Int) {
    let program = reading.expected.programs[reading.expected.grid.pipelineRank(of: rank)]
    for (index, operation) in program.operations.enumerated() {
      let row = Reading.index(operation.kind, operation.pass)
      for microbatch in 0..<reading.expected.configuration.microbatches {
        let found = reading.count(rank: rank, operation: index, microbatch: microbatch)
        let count = operation.count(in: microbatch)
        guard found != count.lowerBound else { continue }
        let place = Reading.place(rank: rank, layer: operation.layer, microbatch: microbatch)
        if found < count.lowerBound { missing[row].add(place) }
        if found > count.upperBound {
          extra[row].add("\(place): \(found) instead of \(Self.text(count))")
        }
      }
    }
    for (index, operation) in program.stepOperations.enumerated() {
      let row = Reading.index(operation.kind, .step)
      let found = reading.stepCount(rank: rank, operation: index)
      let place = "rank \(rank): \(found) instead of \(Self.text(operation.count))"
      if found < operation.count.lowerBound { missing[row].add(place) }
      if found > operation.count.upperBound { extra[row].add(place) }
    }
  }

  /// Remembers nodes whose rank is known and that have no place in its program.
  private mutating func note(_ role: Reading.Role, of id: NodeID) {
    let node = reading.graph[id]
    guard let kind = node.kind, role.rank >= 0, role.operation < 0, role.stepOperation < 0 else {
      return
    }
    let isPlaced =
      role.pass == .step
      || (node.microbatch != nil && (node.layer != nil || !hasLayer(kind, role.pass)))
    if isPlaced || !isKnown(kind) {
      unexpected[Reading.index(kind, role.pass)].add(reading.place(id))
    }
  }

  /// Whether an expected kind is found only in layers.
  private func hasLayer(_ kind: OperationKind, _ pass: OperationPass) -> Bool {
    reading.expected.programs.contains { program in
      program.operations.contains { $0.kind == kind && $0.pass == pass && $0.layer != nil }
    }
  }

  private func isKnown(_ kind: OperationKind) -> Bool { expectedTotal(kind) > 0 }

  /// Expected nodes of a kind over all passes.
  func expectedTotal(_ kind: OperationKind) -> Int {
    OperationPass.allCases.reduce(0) { $0 + expectedCounts[Reading.index(kind, $1)] }
  }

  /// Found nodes of a kind over all passes.
  func foundTotal(_ kind: OperationKind) -> Int {
    OperationPass.allCases.reduce(0) { $0 + reading.found(kind, $1) }
  }

  /// Whether the step needs a backward pass and the graph has none.
  var lacksBackward: Bool { lacks([.inputGradient, .weightGradient]) }

  /// Whether the step needs forwards to run again and none does.
  var lacksRecomputation: Bool { lacks([.recompute]) }

  private func lacks(_ passes: [OperationPass]) -> Bool {
    func total(_ counts: (OperationKind, OperationPass) -> Int) -> Int {
      OperationKind.allCases.reduce(0) { sum, kind in
        sum + passes.reduce(0) { $0 + counts(kind, $1) }
      }
    }
    return total { expectedCounts[Reading.index($0, $1)] } > 0 && total(reading.found) == 0
  }

  /// What is too much: duplicates, and operations that this step does not have there.
  var surplus: [Finding] {
    OperationKind.allCases.flatMap { kind in
      OperationPass.allCases.flatMap { pass -> [Finding] in
        let row = Reading.index(kind, pass)
        let name = "\(kind.label) \(pass.label)"
        var findings: [Finding] = []
        if extra[row].count > 0 {
          findings.append(
            Finding(
              .structure, about: kind.label, "Duplicate nodes of \(kind.phrase) (`\(name)`)",
              expected: "as many as the step needs",
              found: "\(grouped(extra[row].count)) places with more", at: extra[row],
              fix: "Keep one node of `\(name)` per rank, layer and microbatch"))
        }
        if unexpected[row].count > 0 {
          findings.append(
            Finding(
              .structure, about: kind.label,
              "Unexpected nodes of \(kind.phrase) (`\(name)`): the plan implies none there",
              expected: "none in these places", found: grouped(unexpected[row].count),
              at: unexpected[row], fix: "Remove `\(name)` where the plan implies none"))
        }
        return findings
      }
    }
  }

  private static func text(_ range: ClosedRange<Int>) -> String {
    range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }
}

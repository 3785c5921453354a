import Graph
import Parallelism
import Units

/// Holds every collective node against the operation, group and bytes that it must have.
struct CollectiveCheck {
  /// What can be wrong with one collective node.
  private enum Fault: Hashable {
    case unstated(OperationKind)
    case operation(OperationKind, OperationPass, CollectiveOperation, CollectiveOperation)
    case family(OperationKind, OperationPass, GroupFamily, GroupFamily)
    case members(OperationKind, OperationPass, GroupFamily)
    case bytes(OperationKind, OperationPass, isInput: Bool, expected: Int, found: Int)
  }

  private let reading: Reading
  private var faults = Tallies<Fault>()
  /// Index of the group that has been found right, by family and lowest rank.
  private var rightGroup: [[Int32]]
  /// Bytes in and out that each rank passes to each operation of the step.
  private var stepBytes: [Int: (input: Int, output: Int)] = [:]

  init(_ reading: Reading) {
    self.reading = reading
    rightGroup = Array(
      repeating: Array(repeating: -1, count: reading.expected.grid.worldSize),
      count: GroupFamily.allCases.count)
  }

  /// What is wrong, in the order of the graph.
  static func findings(_ reading: Reading) -> [Finding] {
    var check = CollectiveCheck(reading)
    for id in reading.graph.ids { check.examine(id) }
    check.compareStepBytes()
    return check.faults.entries.map { check.finding($0.key, $0.places) }
  }

  private mutating func examine(_ id: NodeID) {
    let role = reading.roles[Int(id.index)]
    guard role.rank >= 0, let kind = reading.graph[id].kind else { return }
    let expected: ExpectedCollective?
    if role.stepOperation >= 0 {
      expected = reading.program(of: role).stepOperations[Int(role.stepOperation)].collective
    } else {
      expected = reading.variant(of: role)?.communication?.collective
    }
    guard let expected else { return }
    let node = reading.graph[id]
    guard let operation = node.operation, let family = node.family, node.members != nil,
      node.bytesIn != nil, node.bytesOut != nil
    else {
      faults.add(.unstated(kind), reading.place(id))
      return
    }
    if operation != expected.operation {
      faults.add(.operation(kind, role.pass, expected.operation, operation), reading.place(id))
    }
    if family != expected.family {
      faults.add(.family(kind, role.pass, expected.family, family), reading.place(id))
    }
    compareMembers(id, node, kind, role, expected)
    if role.stepOperation >= 0 {
      let key = Self.key(rank: Int(role.rank), operation: Int(role.stepOperation))
      stepBytes[key, default: (0, 0)].input += node.bytesIn ?? 0
      stepBytes[key, default: (0, 0)].output += node.bytesOut ?? 0
    } else {
      let place = { [reading] in reading.place(id) }
      compareBytes(node.bytesIn, expected.input, isInput: true, kind, role.pass, place)
      compareBytes(node.bytesOut, expected.output, isInput: false, kind, role.pass, place)
    }
  }

  private mutating func compareBytes(
    _ found: Int?, _ expected: Int?, isInput: Bool, _ kind: OperationKind, _ pass: OperationPass,
    _ place: () -> String
  ) {
    guard let found, let expected, found != expected else { return }
    faults.add(.bytes(kind, pass, isInput: isInput, expected: expected, found: found), place())
  }

  private mutating func compareMembers(
    _ id: NodeID, _ node: ObservedNode, _ kind: OperationKind, _ role: Reading.Role,
    _ expected: ExpectedCollective
  ) {
    guard let members = node.members else { return }
    let group = reading.expected.grid.group(expected.family, containing: Int(role.rank))
    let family = Int(expected.family.rawValue)
    if rightGroup[family][group.base] == Int32(members) { return }
    let listed = reading.graph.groups[members]
    if listed.count == group.count, zip(listed, group.sorted()).allSatisfy({ Int($0) == $1 }) {
      rightGroup[family][group.base] = Int32(members)
    } else {
      faults.add(.members(kind, role.pass, expected.family), reading.place(id))
    }
  }

  /// Buckets may be cut differently; what a rank sends over the step must be the same.
  private mutating func compareStepBytes() {
    for rank in 0..<reading.expected.grid.worldSize {
      let program = reading.expected.programs[reading.expected.grid.pipelineRank(of: rank)]
      for (index, operation) in program.stepOperations.enumerated() {
        guard let expected = operation.collective,
          let found = stepBytes[Self.key(rank: rank, operation: index)],
          operation.count.contains(reading.stepCount(rank: rank, operation: index))
        else { continue }
        let place = { "rank \(rank)" }
        compareBytes(found.input, expected.input, isInput: true, operation.kind, .step, place)
        compareBytes(found.output, expected.output, isInput: false, operation.kind, .step, place)
      }
    }
  }

  private static func key(rank: Int, operation: Int) -> Int { rank << 16 | operation }

  private func finding(_ fault: Fault, _ places: Places) -> Finding {
    switch fault {
    case .unstated(let kind):
      Finding(
        .communication, about: kind.label,
        "Calls of `\(kind.label)` do not state operation, group, members and bytes",
        expected: "all four on every collective", found: "\(grouped(places.count)) without",
        at: places, fix: "State operation, group, members and bytes of `\(kind.label)`",
        action: kind.action)
    case .operation(let kind, let pass, let expected, let found):
      Finding(
        .communication, about: kind.label,
        "Wrong operation of `\(kind.label) \(pass.label)`: \(found.rawValue) in place of "
          + expected.rawValue,
        expected: expected.rawValue, found: found.rawValue, at: places,
        fix: "Make `\(kind.label) \(pass.label)` a \(expected.rawValue)")
    case .family(let kind, let pass, let expected, let found):
      Finding(
        .communication, about: kind.label,
        "Wrong group of `\(kind.label) \(pass.label)`: runs over \(found.label) in place of "
          + expected.label,
        expected: expected.label, found: found.label, at: places,
        fix: "Run `\(kind.label) \(pass.label)` over the \(expected.label) group")
    case .members(let kind, let pass, let family):
      Finding(
        .communication, about: kind.label,
        "Wrong members of `\(kind.label) \(pass.label)`: not the \(family.label) group of its rank",
        expected: "the \(family.label) group that holds the rank", found: "other ranks", at: places,
        fix: "Let `\(kind.label) \(pass.label)` meet the \(family.label) group of its rank")
    case .bytes(let kind, let pass, let isInput, let expected, let found):
      Finding(
        .communication, about: kind.label,
        "Wrong bytes of `\(kind.label) \(pass.label)`: \(isInput ? "input" : "output") is "
          + "\(grouped(found)) in place of \(grouped(expected))",
        expected: "\(grouped(expected)) bytes", found: "\(grouped(found)) bytes", at: places,
        fix: "Size `\(kind.label) \(pass.label)` as model and plan imply")
    }
  }
}

import Graph
import Model
import Parallelism
import Units

/// Checks that what the step must wait for is waited for: the last gradients of weights that are
/// reduced, parameters gathered ahead of the forward, and messages where sending blocks the rank.
struct AwaitCheck {
  private struct Forgotten: Hashable {
    let kind: OperationKind
    let pass: OperationPass
  }

  private let reading: Reading
  /// Whether something on its rank waits for each node.
  private var isAwaited: [Bool]
  /// Whether something waits for any last gradient of each (rank, operation).
  private var hasReduction: Set<[Int32]> = []

  static func findings(_ reading: Reading) -> [Finding] {
    let check = AwaitCheck(reading)
    var forgotten = Tallies<Forgotten>()
    for id in reading.graph.ids where !check.isAwaited[Int(id.index)] && check.mustBeAwaited(id) {
      guard let kind = reading.graph[id].kind else { continue }
      forgotten.add(
        Forgotten(kind: kind, pass: reading.roles[Int(id.index)].pass), reading.place(id))
    }
    return forgotten.entries.map { finding($0.key, $0.places) }
  }

  private init(_ reading: Reading) {
    self.reading = reading
    let graph = reading.graph
    isAwaited = Array(repeating: false, count: graph.nodeCount)
    for id in graph.ids {
      for source in graph.predecessors(of: id) where graph[source].rank == graph[id].rank {
        isAwaited[Int(source.index)] = true
      }
    }
    for id in graph.ids where isAwaited[Int(id.index)] && isLastGradient(id) {
      let role = reading.roles[Int(id.index)]
      hasReduction.insert([role.rank, role.operation])
    }
  }

  private func mustBeAwaited(_ id: NodeID) -> Bool {
    let role = reading.roles[Int(id.index)]
    if role.stepOperation >= 0 {
      return reading.program(of: role).stepOperations[Int(role.stepOperation)].isAwaited
    }
    guard role.operation >= 0 else { return false }
    if isLastGradient(id) { return !hasReduction.contains([role.rank, role.operation]) }
    let configuration = reading.expected.configuration
    guard reading.graph[id].kind?.isSend == true, !configuration.overlapsMessages else {
      return false
    }
    // Behind the last message of inference nothing is computed.
    return configuration.phase == .train || Int(role.microbatch) < configuration.microbatches - 1
  }

  /// Whether a node adds the last gradient to a weight whose replicas must agree. What one weight
  /// gets in parts or from several users needs to be waited for once.
  private func isLastGradient(_ id: NodeID) -> Bool {
    let role = reading.roles[Int(id.index)]
    guard role.pass == .weightGradient, let operation = reading.operation(of: role),
      operation.communication == nil
    else { return false }
    let last = reading.program(of: role).additions[operation.chunk].last
    let expected = reading.expected
    let isExpert = operation.kind == .expertUp || operation.kind == .expertDown
    // A tied head adds to the table, which the lookup reduces; so do lookups of prediction modules.
    let isShared =
      (operation.kind == .head && expected.model.tiesEmbeddings)
      || (operation.kind == .embeddingLookup && expected.configuration.multiTokenPrediction
        && expected.configuration.schedule.placement != .loop)
    let replicas =
      expected.configuration.copies
      * expected.grid.size(of: isExpert ? .expertData : .dataContext)
    return last == Int(role.microbatch) && !isShared && replicas > 1
  }

  private static func finding(_ forgotten: Forgotten, _ places: Places) -> Finding {
    let name = "\(forgotten.kind.label) \(forgotten.pass.label)"
    let waiter =
      switch forgotten.pass {
      case .weightGradient: "the reduction of the gradient waits for it"
      case .step: "the first forward that needs it waits for it"
      default: "the next kernel of the rank waits until the message is gone"
      }
    return Finding(
      .structure, about: forgotten.kind.label,
      "Missing dependency: nothing waits for `\(name)`", expected: waiter,
      found: "\(grouped(places.count)) that nothing waits for", at: places,
      fix: "Make what follows depend on `\(name)`")
  }
}

import Graph
import Units

/// Checks that what the step must wait for is waited for: parameters gathered ahead of the forward,
/// and messages where sending blocks the rank.
struct AwaitCheck {
  static func findings(_ reading: Reading) -> [Finding] {
    let graph = reading.graph
    var isAwaited = [Bool](repeating: false, count: graph.nodeCount)
    for id in graph.ids {
      for source in graph.predecessors(of: id) where graph[source].rank == graph[id].rank {
        isAwaited[Int(source.index)] = true
      }
    }
    var forgotten = Tallies<OperationKind>()
    for id in graph.ids where !isAwaited[Int(id.index)] {
      guard let kind = graph[id].kind, mustBeAwaited(id, kind, reading) else { continue }
      forgotten.add(kind, reading.place(id))
    }
    return forgotten.entries.map { kind, places in
      Finding(
        .structure, about: kind.label, "Missing dependency: nothing waits for `\(kind.label)`",
        expected: kind.isSend
          ? "the next kernel of the rank waits until the message is gone"
          : "the first forward that needs it waits for it",
        found: "\(grouped(places.count)) that nothing waits for", at: places,
        fix: "Make what follows depend on `\(kind.label)`")
    }
  }

  private static func mustBeAwaited(_ id: NodeID, _ kind: OperationKind, _ reading: Reading) -> Bool
  {
    let role = reading.roles[Int(id.index)]
    if role.stepOperation >= 0 {
      return reading.program(of: role).stepOperations[Int(role.stepOperation)].isAwaited
    }
    let configuration = reading.expected.configuration
    guard kind.isSend, role.operation >= 0, !configuration.overlapsMessages else { return false }
    // Behind the last message of inference nothing is computed.
    return configuration.phase == .train || Int(role.microbatch) < configuration.microbatches - 1
  }
}

import Audit
import Graph
import Parallelism

extension Mutation {
  /// One node of a class is left out, the last of the graph.
  static func droppingLast(_ operation: OperationClass, in graph: ObservedGraph) -> Mutation {
    let victim = graph.ids.last { operation.holds(graph[$0]) }
    let node = victim.map { graph[$0] }
    let layer = node?.layer.map { ["layer \($0)"] } ?? []
    return Mutation(
      description: "drop the last \(operation.kind.label) \(operation.pass.label)",
      mentions: [operation.kind.label, "rank \(node?.rank ?? 0)"] + layer
    ) { graph in
      graph.bypassing { id, _ in id == victim }
    }
  }

  static func duplicatingLast(_ operation: OperationClass) -> Mutation {
    Mutation(
      description: "duplicate \(operation.kind.label) \(operation.pass.label)",
      mentions: [operation.kind.label, "Duplicate"]
    ) { graph in
      guard let victim = graph.ids.last(where: { operation.holds(graph[$0]) }) else { return graph }
      return graph.rebuilt(finish: { builder in
        let copy = builder.add(graph[victim], named: "copy")
        for source in graph.predecessors(of: victim) { builder.connect(source, to: copy) }
      })
    }
  }

  /// The last node of a class in another size, group and operation.
  static func changes(of operation: OperationClass, in graph: ObservedGraph) -> [Mutation] {
    let victim = graph.ids.last { operation.holds(graph[$0]) }
    func changing(
      _ what: String, _ mention: String,
      _ change: @escaping @Sendable (inout ObservedNode, ObservedGraph) -> Void
    ) -> Mutation {
      Mutation(
        description: "\(what) of \(operation.kind.label) \(operation.pass.label)",
        mentions: [operation.kind.label, mention]
      ) { graph in
        graph.rebuilt(node: { id, node in
          guard id == victim else { return node }
          var node = node
          change(&node, graph)
          return node
        })
      }
    }
    return [
      changing("halve the input", "bytes") { node, _ in
        node.bytesIn = node.bytesIn.map { $0 / 2 }
      },
      changing("double the output", "bytes") { node, _ in
        node.bytesOut = node.bytesOut.map { $0 * 2 }
      },
      changing("swap the group", "Wrong group") { node, _ in
        node.family = node.family == .stage ? .world : .stage
      },
      changing("swap the members", "members") { node, graph in
        node.members = graph.groups.indices.first { $0 != node.members }
      },
      changing("swap the operation", "broadcast") { node, _ in node.operation = .broadcast },
    ]
  }

  /// All edges on one rank into a class are left out, then all edges out of it.
  static func cuts(of operation: OperationClass, in graph: ObservedGraph) -> [Mutation] {
    var isCutInto = false
    var isCutOutOf = false
    for target in graph.ids {
      for source in graph.predecessors(of: target) {
        let ends = (operation.holds(graph[source]), operation.holds(graph[target]))
        if ends == (false, true) { isCutInto = true }
        if ends == (true, false) { isCutOutOf = true }
      }
    }
    let name = "\(operation.kind.label) \(operation.pass.label)"
    let into = Mutation(description: "cut into \(name)", mentions: [operation.kind.label]) {
      graph in
      graph.rebuilt(keeps: { !operation.holds(graph[$1]) || operation.holds(graph[$0]) })
    }
    let outOf = Mutation(description: "cut out of \(name)", mentions: [operation.kind.label]) {
      graph in
      graph.rebuilt(keeps: { !operation.holds(graph[$0]) || operation.holds(graph[$1]) })
    }
    return (isCutInto ? [into] : []) + (isCutOutOf ? [outOf] : [])
  }
}

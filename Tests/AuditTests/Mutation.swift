import Audit
import Graph
import Parallelism

/// One change to a graph, and the words that a report on the changed graph must say.
struct Mutation: CustomStringConvertible, Sendable {
  let description: String
  /// Each must occur in the text of some finding.
  let mentions: [String]
  let apply: @Sendable (ObservedGraph) -> ObservedGraph
}

extension ObservedGraph {
  /// A copy with nodes left out or changed, and edges left out.
  func rebuilt(
    node change: (NodeID, ObservedNode) -> ObservedNode? = { $1 },
    keeps: (NodeID, NodeID) -> Bool = { _, _ in true },
    finish: (inout ObservedGraphBuilder) -> Void = { _ in }
  ) -> ObservedGraph {
    var builder = ObservedGraphBuilder()
    for group in groups { _ = builder.group(group) }
    var moved: [NodeID?] = []
    for id in ids {
      moved.append(change(id, self[id]).map { builder.add($0, named: name(of: id)) })
    }
    for target in ids {
      for source in predecessors(of: target) where keeps(source, target) {
        if let from = moved[Int(source.index)], let to = moved[Int(target.index)] {
          builder.connect(from, to: to)
        }
      }
    }
    finish(&builder)
    return builder.build()
  }

  func first(where condition: (ObservedNode) -> Bool) -> NodeID? {
    ids.first { condition(self[$0]) }
  }

  /// A copy without one node, what it waited for handed on to what waited for it.
  func bypassing(_ victim: (NodeID, ObservedNode) -> Bool) -> ObservedGraph {
    var bridges: [(NodeID, NodeID)] = []
    for target in ids where !victim(target, self[target]) {
      for source in predecessors(of: target) where victim(source, self[source]) {
        for origin in predecessors(of: source) where !victim(origin, self[origin]) {
          bridges.append((origin, target))
        }
      }
    }
    var position: [Int32: Int] = [:]
    var count = 0
    for id in ids where !victim(id, self[id]) {
      position[id.index] = count
      count += 1
    }
    return rebuilt(
      node: { victim($0, $1) ? nil : $1 },
      finish: { builder in
        for (from, to) in bridges {
          if let from = position[from.index], let to = position[to.index] {
            builder.connect(NodeID(from), to: NodeID(to))
          }
        }
      })
  }
}

extension Mutation {
  /// All nodes of a kind and pass are left out, with what they connected kept connected.
  static func dropping(_ kind: OperationKind, _ pass: OperationPass) -> Mutation {
    Mutation(description: "drop \(kind.label) \(pass.label)", mentions: [kind.label]) { graph in
      graph.bypassing { $1.kind == kind && $1.pass == pass }
    }
  }

  /// One node of a kind is left out, on one rank.
  static func droppingOne(_ kind: OperationKind, rank: Int) -> Mutation {
    Mutation(
      description: "drop one \(kind.label) of rank \(rank)",
      mentions: [kind.label, "rank \(rank)"]
    ) { graph in
      let victim = graph.first { $0.kind == kind && $0.rank == rank }
      return graph.bypassing { id, _ in id == victim }
    }
  }

  static func droppingRank(_ rank: Int) -> Mutation {
    Mutation(description: "drop rank \(rank)", mentions: ["rank \(rank)"]) { graph in
      graph.rebuilt(node: { $1.rank == rank ? nil : $1 })
    }
  }

  static func droppingLayer(_ layer: Int) -> Mutation {
    Mutation(description: "drop layer \(layer)", mentions: ["layer \(layer)"]) { graph in
      graph.bypassing { $1.layer == layer }
    }
  }

  static func droppingMicrobatch(_ microbatch: Int) -> Mutation {
    Mutation(description: "drop microbatch \(microbatch)", mentions: ["microbatch \(microbatch)"]) {
      graph in graph.rebuilt(node: { $1.microbatch == microbatch ? nil : $1 })
    }
  }

  /// All edges between two kinds are left out.
  static func cutting(
    _ source: (OperationKind, OperationPass), _ target: (OperationKind, OperationPass)
  ) -> Mutation {
    Mutation(
      description:
        "cut \(source.0.label) \(source.1.label) → \(target.0.label) \(target.1.label)",
      mentions: [source.0.label, target.0.label]
    ) { graph in
      graph.rebuilt(keeps: { from, to in
        let (from, to) = (graph[from], graph[to])
        return from.kind != source.0 || from.pass != source.1 || to.kind != target.0
          || to.pass != target.1
      })
    }
  }

  /// One node of a kind is changed.
  static func changing(
    _ kind: OperationKind, _ description: String, mentions: [String] = [],
    _ change: @escaping @Sendable (inout ObservedNode, ObservedGraph) -> Void
  ) -> Mutation {
    Mutation(
      description: "\(description) of \(kind.label)", mentions: [kind.label] + mentions
    ) { graph in
      let victim = graph.first { $0.kind == kind }
      return graph.rebuilt(node: { id, node in
        guard id == victim else { return node }
        var node = node
        change(&node, graph)
        return node
      })
    }
  }

  static func duplicating(_ kind: OperationKind) -> Mutation {
    Mutation(description: "duplicate \(kind.label)", mentions: [kind.label, "Duplicate"]) { graph in
      guard let victim = graph.first(where: { $0.kind == kind }) else { return graph }
      return graph.rebuilt(finish: { builder in
        let copy = builder.add(graph[victim], named: "copy")
        for source in graph.predecessors(of: victim) { builder.connect(source, to: copy) }
      })
    }
  }

  static let addingCycle = Mutation(description: "add a cycle", mentions: ["cycle"]) { graph in
    graph.rebuilt(finish: { builder in
      guard let target = graph.first(where: { $0.kind == .attention }),
        let source = graph.predecessors(of: target).first
      else { return }
      builder.connect(target, to: source)
    })
  }

  static let addingOrphan = Mutation(description: "add an orphan", mentions: ["Orphan", "stray"]) {
    graph in
    graph.rebuilt(finish: { builder in builder.add(ObservedNode(rank: 0), named: "stray") })
  }
}

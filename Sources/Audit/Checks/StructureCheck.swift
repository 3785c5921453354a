import Graph
import Units

/// Checks what must hold of any execution DAG: no cycles, no nodes on their own, every node known.
struct StructureCheck {
  private let reading: Reading
  private var graph: ObservedGraph { reading.graph }

  static func findings(_ reading: Reading) -> [Finding] {
    let check = StructureCheck(reading: reading)
    return check.unrecognized + check.orphans + check.cycles
  }

  private init(reading: Reading) { self.reading = reading }

  private var unrecognized: [Finding] {
    var unknown = Places()
    var homeless = Places()
    for id in graph.ids {
      if graph[id].kind == nil {
        unknown.add("\(reading.place(id)) “\(escapedMarkdown(graph.label(of: id), limit: 40))”")
      }
      if graph[id].rank == nil { homeless.add(reading.place(id)) }
    }
    var findings: [Finding] = []
    if unknown.count > 0 {
      findings.append(
        Finding(
          .structure, about: "unrecognized", "Nodes that say nothing recognizable",
          expected: "an operation of the step in every node",
          found: "\(grouped(unknown.count)) others", at: unknown,
          fix: "Name the operation in the node's kind or label"))
    }
    if homeless.count > 0 {
      findings.append(
        Finding(
          .structure, about: "unassigned", "Nodes without a rank",
          expected: "a rank on every node", found: "\(grouped(homeless.count)) without",
          at: homeless, fix: "Assign every node to its GPU"))
    }
    return findings
  }

  private var orphans: [Finding] {
    guard graph.nodeCount > 1 else { return [] }
    var isConnected = [Bool](repeating: false, count: graph.nodeCount)
    for id in graph.ids {
      let sources = graph.predecessors(of: id)
      if !sources.isEmpty { isConnected[Int(id.index)] = true }
      for source in sources { isConnected[Int(source.index)] = true }
    }
    var orphans = Places()
    for id in graph.ids where !isConnected[Int(id.index)] && needsEdge(id) {
      orphans.add("\(reading.place(id)), \(graph[id].kind?.label ?? "unknown")")
    }
    guard orphans.count > 0 else { return [] }
    return [
      Finding(
        .structure, about: "orphans", "Orphaned nodes: no edge leads to them or from them",
        expected: "every node connected", found: "\(grouped(orphans.count)) nodes on their own",
        at: orphans, fix: "Connect each node to what it needs and to what needs it")
    ]
  }

  /// Reports of values that nothing of the step depends on may stand alone.
  private func needsEdge(_ id: NodeID) -> Bool {
    switch graph[id].kind {
    case .successFlagReduce, .gradientNormFlagReduce, .lossReportReduce: false
    default: true
    }
  }

  private var cycles: [Finding] {
    let isOrdered = self.isOrdered
    guard let start = isOrdered.firstIndex(of: false) else { return [] }
    let cycle = self.cycle(from: NodeID(start), isOrdered)
    var places = Places()
    for id in cycle { places.add("\(reading.place(id)), \(graph[id].kind?.label ?? "unknown")") }
    let blocked = isOrdered.reduce(0) { $1 ? $0 : $0 + 1 }
    return [
      Finding(
        .structure, about: "cycle", "A cycle of \(grouped(cycle.count)) nodes",
        expected: "no cycle in an execution DAG",
        found: "\(grouped(blocked)) nodes on or behind cycles, unreachable in execution",
        at: places, fix: "Remove the edge that closes the cycle")
    ]
  }

  /// Which nodes can be put in an order that respects every edge (Kahn's algorithm).
  private var isOrdered: [Bool] {
    let count = graph.nodeCount
    var start = [Int32](repeating: 0, count: count + 1)
    for source in graph.predecessors { start[Int(source.index) + 1] += 1 }
    for node in 0..<count { start[node + 1] += start[node] }
    var next = start
    var successors = [Int32](repeating: 0, count: graph.edgeCount)
    var waiting = [Int32](repeating: 0, count: count)
    for id in graph.ids {
      let sources = graph.predecessors(of: id)
      waiting[Int(id.index)] = Int32(sources.count)
      for source in sources {
        successors[Int(next[Int(source.index)])] = id.index
        next[Int(source.index)] += 1
      }
    }
    var isOrdered = [Bool](repeating: false, count: count)
    var ready = waiting.indices.filter { waiting[$0] == 0 }
    while let node = ready.popLast() {
      isOrdered[node] = true
      for successor in successors[Int(start[node])..<Int(start[node + 1])] {
        waiting[Int(successor)] -= 1
        if waiting[Int(successor)] == 0 { ready.append(Int(successor)) }
      }
    }
    return isOrdered
  }

  /// Walks backwards over nodes without an order until one repeats.
  private func cycle(from start: NodeID, _ isOrdered: [Bool]) -> [NodeID] {
    var step: [NodeID: Int] = [:]
    var walk: [NodeID] = []
    var current = start
    while step[current] == nil {
      step[current] = walk.count
      walk.append(current)
      guard
        let previous = graph.predecessors(of: current).first(where: { !isOrdered[Int($0.index)] })
      else { return walk }
      current = previous
    }
    return Array(walk[(step[current] ?? 0)...].reversed())
  }
}

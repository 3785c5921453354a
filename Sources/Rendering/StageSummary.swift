import Cost
import Graph
import Parallelism
import Units

/// A stage program with its repetitions over layers and microbatches folded together.
struct StageSummary {
  struct Key: Hashable {
    let block: StageBlock
    let direction: Direction
  }

  enum Direction: Hashable { case forward, backward, step }

  /// One kind of operation in a block.
  struct Row {
    let operation: Graph.Operation
    var count = 0
    var time = Ticks.zero
  }

  struct Node {
    let key: Key
    var rows: [Row] = []
    var layers: Set<Int> = []
    var microbatches: Set<Int> = []
  }

  /// Data or order from one block to another.
  struct Edge {
    let tail, head: Int
    var count = 0
    /// What one of them carries, where the operation says; the largest of several.
    var bytes: Bytes?
  }

  /// In order of first occurrence.
  private(set) var nodes: [Node] = []
  private(set) var edges: [Edge] = []
  private(set) var nodeOfOperation: [Int] = []

  init(_ graph: StepGraph, program: StageProgram, costs: StepCosts?) {
    var nodeOfKey: [Key: Int] = [:]
    var edgeOfPair: [[Int]: Int] = [:]
    let rank = graph.grid.rank(0, movedToStage: program.pipelineRank)
    let routed = Set(program.operations.lazy.filter { $0.kind == .router }.map(\.layer))
    for (index, operation) in program.operations.enumerated() {
      let block = StageBlock(operation.kind, isRouted: routed.contains(operation.layer))
      let key = Key(block: block, direction: Self.direction(of: operation.pass))
      let node = nodeOfKey[key] ?? nodes.count
      if node == nodes.count {
        nodeOfKey[key] = node
        nodes.append(Node(key: key))
      }
      nodeOfOperation.append(node)
      nodes[node].take(operation, lasting: costs?.duration(of: operation, on: rank, graph.grid))
      for dependency in program.dependencies(of: index) {
        let tail = nodeOfOperation[Int(dependency)]
        guard tail != node else { continue }
        let edge = edgeOfPair[[tail, node]] ?? edges.count
        if edge == edges.count {
          edgeOfPair[[tail, node]] = edge
          edges.append(Edge(tail: tail, head: node))
        }
        edges[edge].count += 1
        let source = program.operations[Int(dependency)]
        if let bytes = graph.works[source.work].outputBytes {
          edges[edge].bytes = max(edges[edge].bytes ?? .zero, bytes)
        }
      }
    }
  }

  private static func direction(of pass: OperationPass) -> Direction {
    switch pass {
    case .forward: .forward
    case .recompute, .inputGradient, .weightGradient: .backward
    case .step: .step
    }
  }
}

extension StageSummary.Node {
  fileprivate mutating func take(_ operation: Graph.Operation, lasting time: Ticks?) {
    if let layer = operation.layer { layers.insert(layer) }
    if let microbatch = operation.microbatch { microbatches.insert(microbatch) }
    let known = rows.firstIndex {
      $0.operation.kind == operation.kind && $0.operation.pass == operation.pass
    }
    let row = known ?? rows.count
    if known == nil { rows.append(StageSummary.Row(operation: operation)) }
    rows[row].count += 1
    rows[row].time += time ?? .zero
  }
}

extension StepCosts {
  /// How long an operation takes on a rank.
  func duration(of operation: Graph.Operation, on rank: Int, _ grid: RankGrid) -> Ticks {
    let groupIndex =
      switch operation.meeting {
      case .none: 0
      case .send: rank
      case .receive: grid.rank(rank, movedToStage: operation.peer)
      case .collective(let family): grid.groupIndex(of: family, containing: rank)
      }
    return duration(ofWork: operation.work, groupIndex: groupIndex)
  }
}

import Graph

/// Reverse-mode differentiation of a tape: emits the backward operations in launch order.
struct BackwardEmitter {
  private let chunk: ChunkOperations
  private let reductions: [BucketReduction]
  private var block = Block()
  /// For each node, the consumers that emit a gradient of its output.
  private var consumers: [[Tape.Index]]
  /// For each node visited, the operations that emit the gradient of its inputs.
  private var emitted: [[Int32]]
  /// For each bucket not yet reduced, how many parameters lack their gradient.
  private var missing: [Int]
  /// For each bucket, the operations that produced its gradients.
  private var producers: [[Int32]]

  init(operations: ChunkOperations, reductions: [BucketReduction]) {
    chunk = operations
    self.reductions = reductions
    let nodes = operations.tape.nodes
    consumers = Array(repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for input in node.inputs { consumers[input].append(index) }
    }
    emitted = Array(repeating: [], count: nodes.count)
    missing = reductions.map(\.parameters.count)
    producers = Array(repeating: [], count: reductions.count)
  }

  mutating func emit(in works: inout WorkTable) -> Block {
    let nodes = chunk.tape.nodes
    for index in nodes.indices.reversed() {
      let node = nodes[index]
      let gradient = union(of: consumers[index].map { emitted[$0] })
      if gradient.isEmpty, !node.isRoot { continue }
      emitted[index] = emit(node, given: gradient, in: &works)
    }
    return block
  }

  /// Emits a node's backward and returns the operations that carry the gradient of its inputs.
  private mutating func emit(_ node: TapeNode, given gradient: [Int32], in works: inout WorkTable)
    -> [Int32]
  {
    let needed = gradient.map(Block.Dependency.local)
    switch node.action {
    case .kernel(_, nil): return gradient
    case .kernel(_, let backward?):
      let root = gradient.isEmpty ? [Block.Dependency.twin] : needed
      let operation = append(node, .inputGradient, backward, after: root, in: &works)
      settle(node, by: [operation], in: &works)
      return [operation]
    case .linear(_, let inputGradient, let weightGradient):
      return emitLinear(node, inputGradient, weightGradient, after: needed, in: &works)
    case .collective(_, nil, _): return gradient
    case .collective(_, let backward?, _):
      return [append(node, .inputGradient, .collective(backward), after: needed, in: &works)]
    case .receive(let bytes):
      append(
        node, .inputGradient, .transfer(bytes), as: .sendGradient, peer: chunk.previousRank,
        after: needed, in: &works)
      return []
    case .send(let bytes):
      return [
        append(
          node, .inputGradient, .transfer(bytes), as: .receiveGradient, peer: chunk.nextRank,
          after: [], in: &works)
      ]
    }
  }

  /// Regathers saved shards, then the input gradient, then the weight gradient that it overlaps.
  private mutating func emitLinear(
    _ node: TapeNode, _ inputGradient: Work?, _ weightGradient: Work,
    after gradient: [Block.Dependency], in works: inout WorkTable
  ) -> [Int32] {
    var inputs = gradient
    for input in node.inputs {
      let source = chunk.tape.nodes[input]
      guard case .collective(_, _, let regather?) = source.action else { continue }
      let gathered = append(source, .weightGradient, .collective(regather), after: [], in: &works)
      inputs.append(.local(gathered))
    }
    var emitted: [Int32] = []
    if let inputGradient {
      emitted = [append(node, .inputGradient, inputGradient, after: gradient, in: &works)]
    }
    let operation = chunk.makeOperation(
      node, node.kind, .weightGradient, works.number(of: weightGradient), weightGradient)
    settle(node, by: [block.appendAccumulating(operation, after: inputs)], in: &works)
    return emitted
  }

  @discardableResult private mutating func append(
    _ node: TapeNode, _ pass: OperationPass, _ work: Work, as kind: OperationKind? = nil,
    peer: Int? = nil, after needed: [Block.Dependency], in works: inout WorkTable
  ) -> Int32 {
    let operation = chunk.makeOperation(
      node, kind ?? node.kind, pass, works.number(of: work), work, peer: peer ?? -1)
    return block.append(operation, after: needed)
  }

  /// Notes that a node's parameters have their gradients, and reduces the buckets this completes.
  private mutating func settle(_ node: TapeNode, by operations: [Int32], in works: inout WorkTable)
  {
    guard !reductions.isEmpty, !node.parameters.isEmpty else { return }
    for (bucket, reduction) in reductions.enumerated() {
      let settled = node.parameters.count { reduction.parameters.contains($0) }
      guard settled > 0 else { continue }
      missing[bucket] -= settled
      producers[bucket] += operations
      guard missing[bucket] == 0 else { continue }
      let operation = Operation(
        kind: reduction.kind, pass: .step, stream: reduction.collective.family.stream,
        meeting: .collective(reduction.collective.family), chunk: chunk.chunk,
        work: works.number(of: .collective(reduction.collective)))
      block.append(operation, after: producers[bucket].map(Block.Dependency.local))
    }
  }
}

extension TapeNode {
  /// Whether the backward starts here without a gradient from a consumer.
  fileprivate var isRoot: Bool {
    switch action {
    case .send: true
    default: kind == .loss
    }
  }
}

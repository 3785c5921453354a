import Graph

/// Reverse-mode differentiation of a tape: emits the backward operations in launch order.
struct BackwardEmitter {
  private let chunk: ChunkOperations
  private let reductions: [BucketReduction]
  /// The gradient from the next stage where that is on the same rank.
  private let taking: [Block.Dependency]
  private var block = Block(.gradient)
  /// For each node, the consumers that emit a gradient of its output.
  private var consumers: [[Tape.Index]]
  /// For each node, the later nodes whose backward it waits for without a gradient.
  private var delays: [[Tape.Index]]
  /// For each node visited, what carries the gradient of its inputs.
  private var emitted: [[Block.Dependency]]
  /// For each node computed again, what stands for its output.
  private var recomputed: [[Block.Dependency]]
  /// The units that run before the backward of a node.
  private var units: [Tape.Index: [RecomputedUnit]]
  /// For each bucket not yet reduced, how many parameters lack their gradient.
  private var missing: [Int]
  /// For each bucket, the operations that produced its gradients.
  private var producers: [[Block.Dependency]]

  init(
    operations: ChunkOperations, reductions: [BucketReduction], taking: [Block.Dependency]
  ) {
    chunk = operations
    self.reductions = reductions
    self.taking = taking
    let nodes = operations.tape.nodes
    consumers = Array(repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for input in node.inputs { consumers[input].append(index) }
    }
    delays = Array(repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for delayed in node.delaysBackwardOf { delays[delayed].append(index) }
    }
    emitted = Array(repeating: [], count: nodes.count)
    recomputed = Array(repeating: [], count: nodes.count)
    units = Dictionary(grouping: operations.recomputed, by: \.trigger)
    missing = reductions.map(\.parameters.count)
    producers = Array(repeating: [], count: reductions.count)
  }

  mutating func emit(in works: inout WorkTable) -> Block {
    let nodes = chunk.tape.nodes
    for index in nodes.indices.reversed() {
      let node = nodes[index]
      let gradient = union(of: consumers[index].map { emitted[$0] })
      if gradient.isEmpty, !node.isRoot { continue }
      for unit in units[index] ?? [] { recompute(unit, after: gradient, in: &works) }
      emitted[index] = emit(node, at: index, given: gradient, in: &works)
    }
    block.result = block.result.map { block.exported($0, chunk: chunk.chunk) }
    return block
  }

  /// Runs forward operations again. They begin when the gradient that needs them has arrived, as the
  /// framework launches them then.
  private mutating func recompute(
    _ unit: RecomputedUnit, after gradient: [Block.Dependency], in works: inout WorkTable
  ) {
    for index in unit.nodes {
      let node = chunk.tape.nodes[index]
      let sources = union(of: (node.inputs + node.sideInputs).map { again($0) })
      guard let work = node.forwardWork else {
        recomputed[index] = sources
        continue
      }
      let operation = chunk.makeOperation(
        node, node.kind, .recompute, works.number(of: work), work, blocksHost: node.blocksHost)
      let needed = sources.isEmpty ? gradient : sources
      recomputed[index] = [.local(block.append(operation, after: needed))]
    }
  }

  /// What stands for the second computation of a node's output; empty if the first was kept.
  private func again(_ index: Tape.Index) -> [Block.Dependency] {
    guard recomputed[index].isEmpty else { return recomputed[index] }
    let node = chunk.tape.nodes[index]
    switch node.action {
    case .collective, .kernel(nil, _): break
    case .kernel where node.isCast: break
    default: return []
    }
    return union(of: node.inputs.map { again($0) })
  }

  /// What a node's backward needs that was computed again: its own output, or its inputs.
  private func restored(_ node: TapeNode, at index: Tape.Index) -> [Block.Dependency] {
    recomputed[index].isEmpty ? union(of: node.inputs.map { again($0) }) : recomputed[index]
  }

  /// Emits a node's backward and returns what carries the gradient of its inputs.
  private mutating func emit(
    _ node: TapeNode, at index: Tape.Index, given gradient: [Block.Dependency],
    in works: inout WorkTable
  ) -> [Block.Dependency] {
    let restored = restored(node, at: index)
    switch node.action {
    case .kernel(_, nil), .collective(_, nil, _): return gradient
    case .kernel(_, let backward?):
      let root = gradient.isEmpty ? [chunk.endOfForward] : gradient
      let delays = union(of: delays[index].map { emitted[$0] })
      let operation = append(
        node, .inputGradient, backward, after: union(of: [root, restored, delays]), in: &works)
      settle(node, by: operation, in: &works)
      return [operation]
    case .linear(_, let inputGradient, let weightGradient):
      return emitLinear(
        node, inputGradient, weightGradient, after: gradient, restored: restored,
        isRecomputed: !recomputed[index].isEmpty, in: &works)
    case .collective(_, let backward?, _):
      let needed = union(of: [gradient, recomputed[index]])
      return [append(node, .inputGradient, .collective(backward), after: needed, in: &works)]
    case .receive(let bytes):
      append(
        node, .inputGradient, .transfer(bytes), as: .sendGradient, peer: chunk.previousRank,
        after: gradient, in: &works)
      return []
    case .send(let bytes):
      return [
        append(
          node, .inputGradient, .transfer(bytes), as: .receiveGradient, peer: chunk.nextRank,
          after: [], in: &works)
      ]
    case .take:
      block.result = gradient
      return []
    case .handOver: return taking
    }
  }

  /// Regathers saved shards, then the input gradient, then the weight gradient that it overlaps.
  private mutating func emitLinear(
    _ node: TapeNode, _ inputGradient: Work?, _ weightGradient: Work,
    after gradient: [Block.Dependency], restored: [Block.Dependency], isRecomputed: Bool,
    in works: inout WorkTable
  ) -> [Block.Dependency] {
    var inputs = union(of: [gradient, restored])
    let needed = isRecomputed ? inputs : gradient
    for input in node.inputs {
      let source = uncast(chunk.tape.nodes[input])
      guard case .collective(_, _, let regather?) = source.action else { continue }
      let shard = union(of: source.inputs.map { again($0) })
      inputs.append(
        append(source, .weightGradient, .collective(regather), after: shard, in: &works))
    }
    var emitted: [Block.Dependency] = []
    if let inputGradient {
      emitted = [append(node, .inputGradient, inputGradient, after: needed, in: &works)]
    }
    let operation = chunk.makeOperation(
      node, node.kind, .weightGradient, works.number(of: weightGradient), weightGradient)
    settle(node, by: .local(block.appendAccumulating(operation, after: inputs)), in: &works)
    return emitted
  }

  /// The node whose output a cast quantizes, or the node itself.
  private func uncast(_ node: TapeNode) -> TapeNode {
    guard node.kind == .quantize || node.kind == .magnitude, let input = node.inputs.first else {
      return node
    }
    return uncast(chunk.tape.nodes[input])
  }

  @discardableResult private mutating func append(
    _ node: TapeNode, _ pass: OperationPass, _ work: Work, as kind: OperationKind? = nil,
    peer: Int? = nil, after needed: [Block.Dependency], in works: inout WorkTable
  ) -> Block.Dependency {
    let operation = chunk.makeOperation(
      node, kind ?? node.kind, pass, works.number(of: work), work, peer: peer ?? -1)
    return .local(block.append(operation, after: needed))
  }

  /// Notes that a node's parameters have their gradients, and reduces the buckets this completes.
  private mutating func settle(
    _ node: TapeNode, by operation: Block.Dependency, in works: inout WorkTable
  ) {
    guard !reductions.isEmpty, !node.parameters.isEmpty else { return }
    for (bucket, reduction) in reductions.enumerated() {
      let settled = node.parameters.count { reduction.parameters.contains($0) }
      guard settled > 0 else { continue }
      missing[bucket] -= settled
      producers[bucket].append(operation)
      guard missing[bucket] == 0 else { continue }
      var needed = producers[bucket]
      for collective in reduction.collectives {
        let operation = reduction.operation(of: collective, chunk: chunk.chunk, in: &works)
        needed = [.local(block.append(operation, after: needed))]
      }
    }
  }
}

extension ChunkOperations {
  /// The last operation of the same microbatch's forward, where a backward without a gradient begins.
  fileprivate var endOfForward: Block.Dependency {
    let count = tape.nodes.count { $0.forwardWork != nil }
    return .earlier(.forward, chunk: chunk, ordinal: Int32(count - 1))
  }
}

extension TapeNode {
  /// Whether the backward starts here without a gradient from a consumer.
  fileprivate var isRoot: Bool {
    switch action {
    case .send, .handOver: true
    default: kind == .loss
    }
  }
}

import Graph

/// The saved activations of each chunk's first layers wait on the host from forward to backward.
struct OffloadedActivations {
  let stage: StageFlow
  let sizes: StepSizes

  func add(to operations: inout [ExpectedOperation]) {
    let count = sizes.configuration.activationOffloadLayers
    guard count > 0 else { return }
    for chunk in stage.parameters.indices {
      for layer in savingLayers(of: chunk).prefix(count) {
        add(layer, chunk, to: &operations)
      }
    }
  }

  /// Layers of a chunk that keep anything: of those computed again together, the first.
  private func savingLayers(of chunk: Int) -> [Int] {
    let nodes = stage.flow.nodes
    let layers = Set(nodes.filter { $0.chunk == chunk }.compactMap(\.layer)).sorted()
    guard case .uniform = sizes.configuration.recomputation else { return layers }
    let first = Set(stage.flow.recomputed.compactMap { nodes[$0.nodes[0]].layer })
    return layers.filter(first.contains)
  }

  private func add(_ layer: Int, _ chunk: Int, to operations: inout [ExpectedOperation]) {
    let ends = operations.indices.filter {
      operations[$0].layer == layer && operations[$0].kind == .feedForwardResidual
        && operations[$0].pass == .forward
    }
    let away = append(.activationOffload, .forward, after: ends, layer, chunk, to: &operations)
    let back = append(
      .activationReload, .inputGradient, after: [away], layer, chunk, to: &operations)
    for index in operations.indices
    where operations[index].layer == layer && operations[index].pass != .forward
      && operations[index].communication == nil && index != back
    {
      operations[index].require(ExpectedPredecessor(operation: back, relation: .path))
    }
  }

  private func append(
    _ kind: OperationKind, _ pass: OperationPass, after sources: [Int], _ layer: Int,
    _ chunk: Int, to operations: inout [ExpectedOperation]
  ) -> Int {
    var variant = ExpectedVariant(communication: nil)
    variant.predecessors = sources.map { ExpectedPredecessor(operation: $0, relation: .path) }
    var operation = ExpectedOperation(kind: kind, pass: pass, layer: layer, chunk: chunk)
    operation.add(variant)
    operations.append(operation)
    return operations.count - 1
  }
}

import Graph
import Model
import Parallelism

/// ZeRO-3: every unit of parameters (a layer, the embedding, the head) is gathered before its forward
/// and again before its backward, and its gradients are reduced to shards in every microbatch.
///
/// - SeeAlso: Zhao et al., "PyTorch FSDP", VLDB 2023, sections 3.3 and 3.4.
struct ShardedParameters {
  let stage: StageFlow
  let map: StageMap
  let sizes: StepSizes
  /// For each chunk, the microbatches in the order in which they add to gradients.
  let additions: [[Int]]

  private struct Place: Hashable {
    let chunk: Int
    let unit: ParameterShards.Unit
  }

  func add(to operations: inout [ExpectedOperation]) {
    guard sizes.configuration.sharding == .parameters else { return }
    let owners = owners(in: operations)
    for (chunk, parameters) in stage.parameters.enumerated() {
      for (index, unit) in parameters.units.enumerated() {
        for isExpert in [false, true] {
          let elements = padded(parameters.elements(of: unit, ofExperts: isExpert), isExpert)
          guard elements > 0 else { continue }
          let place = Place(chunk: chunk, unit: unit)
          let owned = owners[isExpert ? 1 : 0][place] ?? []
          gather(
            elements, isExpert, place, isEarly: index < 2, before: owned, in: &operations)
          reduce(elements, isExpert, place, after: owned, in: &operations)
        }
      }
    }
  }

  /// Lengths are padded to whole shards.
  private func padded(_ elements: Int, _ isExpert: Bool) -> Int {
    let shards = sizes.size(of: sizes.shardFamily(ofExperts: isExpert))
    return share(elements, of: shards) * shards
  }

  // Gathers.

  private func gather(
    _ elements: Int, _ isExpert: Bool, _ place: Place, isEarly: Bool, before owned: [Int],
    in operations: inout [ExpectedOperation]
  ) {
    let family = sizes.shardFamily(ofExperts: isExpert)
    let bytes = sizes.width * elements
    guard
      let collective = sizes.collective(
        .allGather, over: family, in: bytes / sizes.size(of: family), out: bytes)
    else { return }
    for pass in [OperationPass.forward, .inputGradient] {
      let users = owned.filter {
        let used = operations[$0].pass
        return pass == .forward ? used == .forward : used == .recompute || used == .inputGradient
      }
      guard !users.isEmpty else { continue }
      var variant = ExpectedVariant(communication: .collective(collective))
      // At most two units are whole at once, so only the first two are fetched with the step's start.
      let units = stage.parameters.reduce(0) { $0 + $1.units.count }
      variant.mustWait = pass == .inputGradient ? units > 1 : !isEarly
      let index = add(
        variant, kind: isExpert ? .expertParameterGather : .parameterGather, pass, place,
        to: &operations)
      for user in users {
        operations[user].require(ExpectedPredecessor(operation: index, relation: .path))
      }
    }
  }

  // Reductions.

  private func reduce(
    _ elements: Int, _ isExpert: Bool, _ place: Place, after owned: [Int],
    in operations: inout [ExpectedOperation]
  ) {
    let family = sizes.shardFamily(ofExperts: isExpert)
    let shards = sizes.size(of: family)
    let kind: OperationKind = isExpert ? .expertGradientReduce : .gradientReduce
    let producers = producers(owned, in: operations)
    let scatter = sizes.collective(
      .reduceScatter, over: family, in: 4 * elements, out: 4 * elements / shards)
    if let scatter {
      var variant = ExpectedVariant(communication: .collective(scatter))
      variant.predecessors = producers
      _ = add(variant, kind: kind, .weightGradient, place, to: &operations)
    }
    // Copies of the shards are added up once, behind the last microbatch.
    let copies: GroupFamily = isExpert ? .expertReplica : .replica
    guard
      let sum = sizes.collective(
        .allReduce, over: copies, in: 4 * elements / shards, out: 4 * elements / shards)
    else { return }
    var variant = ExpectedVariant(
      communication: .collective(sum), onlyMicrobatch: additions[place.chunk].last)
    variant.predecessors = producers
    let index = add(variant, kind: kind, .weightGradient, place, to: &operations)
    if scatter != nil { operations[index].requireOfLast(.init(operation: index, relation: .edge)) }
  }

  /// What makes the gradients of weights: a kernel of its own, or that of the inputs' gradients.
  private func producers(_ owned: [Int], in operations: [ExpectedOperation])
    -> [ExpectedPredecessor]
  {
    let made = owned.filter { operations[$0].pass == .weightGradient }
    let others = owned.filter { index in
      operations[index].pass == .inputGradient
        && !made.contains { operations[$0].kind == operations[index].kind }
    }
    return (made + others).map {
      ExpectedPredecessor(
        operation: $0, relation: .path, needsAll: operations[$0].variants.count > 1)
    }
  }

  // Owners.

  /// The operations that own parameters, by unit; experts' apart.
  private func owners(in operations: [ExpectedOperation]) -> [[Place: [Int]]] {
    var owners: [[Place: [Int]]] = [[:], [:]]
    for (index, operation) in operations.enumerated() {
      guard operation.communication == nil, operation.kind.ownsParameters(of: sizes.model) else {
        continue
      }
      let isExpert =
        sizes.hasExpertBuffer && (operation.kind == .expertUp || operation.kind == .expertDown)
      owners[isExpert ? 1 : 0][place(of: operation), default: []].append(index)
    }
    return owners
  }

  private func place(of operation: ExpectedOperation) -> Place {
    let chunk = operation.chunk
    if let layer = operation.layer { return Place(chunk: chunk, unit: .layer(layer)) }
    let isOfHead = operation.kind == .head || operation.kind == .finalNorm
    let hasHead = stage.parameters[chunk].units.contains(.head)
    return Place(chunk: chunk, unit: isOfHead && hasHead ? .head : .embedding)
  }

  /// Adds a variant to the operation of its kind, pass and place; returns the operation.
  private func add(
    _ variant: ExpectedVariant, kind: OperationKind, _ pass: OperationPass, _ place: Place,
    to operations: inout [ExpectedOperation]
  ) -> Int {
    let layer: Int? = if case .layer(let layer) = place.unit { layer } else { nil }
    let known = operations.firstIndex {
      $0.kind == kind && $0.pass == pass && $0.layer == layer
        && (layer != nil || $0.chunk == place.chunk)
    }
    if let known {
      operations[known].add(variant)
      return known
    }
    var operation = ExpectedOperation(kind: kind, pass: pass, layer: layer, chunk: place.chunk)
    operation.add(variant)
    operations.append(operation)
    return operations.count - 1
  }
}

extension OperationKind {
  /// Whether its kernels own weights, biases or scales.
  func ownsParameters(of model: TransformerModel) -> Bool {
    switch self {
    case .embeddingLookup, .attentionNorm, .queryKeyValue, .queryNorm, .keyNorm, .outputProjection,
      .queryDown, .queryLatentNorm, .queryUp, .keyValueDown, .keyValueLatentNorm, .keyValueUp,
      .feedForwardNorm, .feedForwardUp, .feedForwardDown, .router, .expertUp, .expertDown,
      .sharedUp, .sharedDown, .sharedGate, .finalNorm, .head, .predictionTokenNorm,
      .predictionStateNorm, .predictionProjection:
      true
    case .attention:
      model.layers.contains { layer in
        if case .groupedQuery(let attention) = layer.attention { attention.hasSinks } else { false }
      }
    default: false
    }
  }
}

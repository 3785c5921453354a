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

  /// A unit in one microbatch: what is gathered and reduced, when, and for which operations.
  private struct Use {
    let elements: Int
    let isExpert: Bool
    /// Where its forward, its backward and the last of its gradients are; one place, unless chunks of
    /// one rank share the embedding.
    let first, backward, last: Place
    /// The operations that own its parameters.
    let owned: [Int]
    /// The microbatch whose gradients come last; nil where the use is not the last.
    let lastMicrobatch: Int?
  }

  func add(to operations: inout [ExpectedOperation]) {
    guard sizes.configuration.sharding == .parameters else { return }
    let owners = owners(in: operations)
    for use in uses(owners) + embeddingUses(owners) {
      gather(use, in: &operations)
      reduce(use, in: &operations)
    }
  }

  /// Layers and head, each of one chunk.
  private func uses(_ owners: [[Place: [Int]]]) -> [Use] {
    stage.parameters.enumerated().flatMap { chunk, parameters in
      parameters.units.filter { $0 != .embedding }.flatMap { unit in
        [false, true].compactMap { isExpert -> Use? in
          let elements = padded(parameters.elements(of: unit, ofExperts: isExpert), isExpert)
          guard elements > 0 else { return nil }
          let place = Place(chunk: chunk, unit: unit)
          return Use(
            elements: elements, isExpert: isExpert, first: place, backward: place, last: place,
            owned: owners[isExpert ? 1 : 0][place] ?? [],
            lastMicrobatch: additions[chunk].last)
        }
      }
    }
  }

  /// A rank has one embedding, whichever of its chunks look up or multiply by it: a microbatch that
  /// comes to several gathers it for the first and reduces it behind the last.
  private func embeddingUses(_ owners: [[Place: [Int]]]) -> [Use] {
    let places = map.chunks(of: stage.pipelineRank).map { Place(chunk: $0.chunk, unit: .embedding) }
      .filter { owners[0][$0] != nil }
    guard let first = places.first, let end = places.last else { return [] }
    let elements = padded(
      stage.parameters.reduce(0) { $0 + $1.elements(of: .embedding, ofExperts: false) }, false)
    let chunks = places.map(\.chunk)
    let last = map.order.slots[stage.pipelineRank].last {
      ($0.pass == .backward || $0.pass == .weightGradient) && chunks.contains($0.chunk)
    }
    guard sizes.copies > 1 else {
      return [
        Use(
          elements: elements, isExpert: false, first: first, backward: end, last: first,
          owned: places.flatMap { owners[0][$0] ?? [] },
          lastMicrobatch: last?.microbatch ?? additions[first.chunk].last)
      ]
    }
    return places.map { place in
      Use(
        elements: elements, isExpert: false, first: place, backward: place, last: place,
        owned: owners[0][place] ?? [],
        lastMicrobatch: last?.chunk == place.chunk ? last?.microbatch : nil)
    }
  }

  /// Lengths are padded to whole shards.
  private func padded(_ elements: Int, _ isExpert: Bool) -> Int {
    let shards = sizes.size(of: sizes.shardFamily(ofExperts: isExpert))
    return share(elements, of: shards) * shards
  }

  // Gathers.

  private func gather(_ use: Use, in operations: inout [ExpectedOperation]) {
    let family = sizes.shardFamily(ofExperts: use.isExpert)
    let bytes = sizes.width * use.elements
    guard
      let collective = sizes.collective(
        .allGather, over: family, in: bytes / sizes.size(of: family), out: bytes)
    else { return }
    for pass in [OperationPass.forward, .inputGradient] {
      let users = use.owned.filter {
        let used = operations[$0].pass
        return pass == .forward ? used == .forward : used == .recompute || used == .inputGradient
      }
      guard !users.isEmpty else { continue }
      var variant = ExpectedVariant(communication: .collective(collective))
      let units = stage.parameters.reduce(0) { $0 + $1.units.count }
      variant.mustWait = pass == .inputGradient ? units > 1 : !isEarly(use.first)
      let index = add(
        variant, kind: use.isExpert ? .expertParameterGather : .parameterGather, pass,
        pass == .forward ? use.first : use.backward, to: &operations)
      for user in users {
        operations[user].require(ExpectedPredecessor(operation: index, relation: .path))
      }
    }
  }

  /// At most two units are whole at once, so only the first two are fetched with the step's start.
  private func isEarly(_ place: Place) -> Bool {
    let first = map.order.slots[stage.pipelineRank].first?.chunk ?? place.chunk
    let index = stage.parameters[place.chunk].units.firstIndex(of: place.unit) ?? 0
    guard place.chunk != first else { return index < 2 }
    return index + stage.parameters[first].units.count < 2
  }

  // Reductions.

  private func reduce(_ use: Use, in operations: inout [ExpectedOperation]) {
    let family = sizes.shardFamily(ofExperts: use.isExpert)
    let kind: OperationKind = use.isExpert ? .expertGradientReduce : .gradientReduce
    let producers = producers(use.owned, in: operations)
    let whole = 4 * use.elements
    let shard = whole / sizes.size(of: family)
    let scatter = sizes.collective(.reduceScatter, over: family, in: whole, out: shard)
    if let scatter {
      var variant = ExpectedVariant(communication: .collective(scatter))
      variant.predecessors = producers
      _ = add(variant, kind: kind, .weightGradient, use.last, to: &operations)
    }
    // Copies of the shards are added up once, behind the last microbatch.
    guard let lastMicrobatch = use.lastMicrobatch,
      let sum = sizes.collective(
        .allReduce, over: sizes.copyFamily(ofExperts: use.isExpert), in: shard, out: shard)
    else { return }
    var variant = ExpectedVariant(
      communication: .collective(sum), onlyMicrobatch: lastMicrobatch)
    variant.predecessors = producers
    let index = add(variant, kind: kind, .weightGradient, use.last, to: &operations)
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

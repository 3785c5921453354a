import Graph

/// The units in which ZeRO-3 gathers parameters: one per layer, the embedding, and the head.
struct ShardedUnits {
  /// Elements on one rank before sharding, dense and expert.
  private var sizes: [(dense: Int, expert: Int)] = []
  /// By chunk and place (embedding, head, then layers from 0), the unit; -1 where there is none. A rank
  /// has one embedding, whichever chunk reads it, in the first row.
  private var unitOfPlace: [[Int]]
  /// By kind, whether its operations own parameters, and whether these are experts'.
  private var owns: [Bool]
  private var ownsExperts: [Bool]
  /// Whether the head multiplies by the embedding of the same rank.
  private let sharesEmbedding: Bool

  init(_ shards: [ParameterShard], chunks: Int) {
    let kinds = OperationKind.allCases.count
    owns = [Bool](repeating: false, count: kinds)
    ownsExperts = [Bool](repeating: false, count: kinds)
    let places = 3 + (shards.compactMap(\.layer).max() ?? -1)
    unitOfPlace = Array(repeating: Array(repeating: -1, count: places), count: chunks)
    let owners = Set(shards.map(\.owner))
    sharesEmbedding =
      owners.isSuperset(of: [.embeddingLookup, .finalNorm]) && !owners.contains(.head)
    owns[Int(OperationKind.head.rawValue)] = sharesEmbedding
    for shard in shards {
      let place = place(of: shard.owner, layer: shard.layer)
      let row = place == 0 ? 0 : shard.chunk
      if unitOfPlace[row][place] < 0 {
        unitOfPlace[row][place] = sizes.count
        sizes.append((0, 0))
      }
      let unit = unitOfPlace[row][place]
      if shard.isExpert {
        sizes[unit].expert += shard.elements
      } else {
        sizes[unit].dense += shard.elements
      }
      owns[Int(shard.owner.rawValue)] = true
      ownsExperts[Int(shard.owner.rawValue)] = shard.isExpert
    }
  }

  var count: Int { sizes.count }

  func elements(_ unit: Int, isExpert: Bool) -> Int {
    isExpert ? sizes[unit].expert : sizes[unit].dense
  }

  /// The unit of an operation; nil where nothing is owned.
  func unit(of operation: Operation) -> Int? {
    let place = place(of: operation.kind, layer: operation.layer)
    let unit = unitOfPlace[place == 0 ? 0 : operation.chunk][place]
    return unit < 0 ? nil : unit
  }

  /// The unit that a kernel belongs to; nil for what carries no gradient of inputs, and for kernels
  /// outside layers that own nothing.
  func visitedUnit(of operation: Operation) -> Int? {
    guard operation.stream.runsKernels,
      operation.pass.readsParameters,
      operation.layer != nil || isUser(operation)
    else { return nil }
    return unit(of: operation)
  }

  func usesExperts(_ operation: Operation) -> Bool { ownsExperts[Int(operation.kind.rawValue)] }

  /// Whether an operation reads parameters: forwards, also when computed again, and input gradients do.
  func isUser(_ operation: Operation) -> Bool {
    ownsParameters(operation) && operation.pass.readsParameters
  }

  /// Whether an operation produces gradients of parameters: weight gradients, and the backwards of
  /// norms, which have one kernel for both gradients.
  func isProducer(_ operation: Operation) -> Bool {
    ownsParameters(operation)
      && (operation.pass == .inputGradient || operation.pass == .weightGradient)
  }

  private func ownsParameters(_ operation: Operation) -> Bool {
    operation.stream.runsKernels && owns[Int(operation.kind.rawValue)]
  }

  private func place(of kind: OperationKind, layer: Int?) -> Int {
    if let layer { return layer + 2 }
    let isHead = kind == .finalNorm || kind == .head
    return isHead && !sharesEmbedding ? 1 : 0
  }
}

extension OperationPass {
  fileprivate var readsParameters: Bool {
    self == .forward || self == .recompute || self == .inputGradient
  }
}

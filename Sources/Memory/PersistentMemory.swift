import Graph
import Parallelism
import Units

/// What a rank of a stage holds for the whole step: weights, main gradients and optimizer.
///
/// - SeeAlso: Megatron-LM's `theoretical_memory_usage.py`: `6 + 12 / d` bytes per parameter.
struct PersistentMemory {
  let breakdown: MemoryBreakdown

  init(of program: StageProgram, in graph: StepGraph) {
    let configuration = graph.configuration
    let plan = graph.grid.plan
    let trains = configuration.phase == .train
    let sharding = trains ? configuration.sharding : .none
    var elements = 0
    var shardElements = 0
    var owned = 0
    var casts = 0
    for shard in program.storage.parameters {
      let shards = configuration.shards(ofExpert: shard.isExpert, under: plan)
      elements += shard.elements
      shardElements += (shard.elements + shards - 1) / shards
      owned += (12 * shard.elements + shards - 1) / shards
      // Quantized copies in both orientations.
      if configuration.precision.quantizes(shard.owner) { casts += 2 * shard.elements }
    }
    var breakdown = MemoryBreakdown()
    breakdown[.parameters] = Bytes(
      casts + configuration.format.width * (sharding == .parameters ? shardElements : elements))
    if trains {
      breakdown[.gradients] = Bytes(4 * (sharding.shardsGradients ? shardElements : elements))
      breakdown[.optimizer] = Bytes(Int((1 - configuration.optimizerOffload) * Double(owned)))
      breakdown[.gradientPlaceholders] = Bytes(
        sharding == .parameters ? 0 : program.placeholderElements * configuration.format.width)
    }
    self.breakdown = breakdown
  }
}

extension StageProgram {
  /// Elements of the stand-ins for weight gradients: one tensor per shape of a linear layer's weight,
  /// which all layers share.
  ///
  /// Weight gradients are added to the fp32 main gradient inside the product's kernel, and autograd
  /// still wants a tensor of the weight's shape and format.
  /// - SeeAlso: TransformerEngine, `module/base.py`, `get_dummy_wgrad`.
  fileprivate var placeholderElements: Int {
    OperationKind.allCases.reduce(0) { sum, kind in
      guard kind.isTransformerEngineLinear else { return sum }
      let largest = storage.parameters.lazy.filter { $0.owner == kind }.map(\.elements).max()
      return sum + (largest ?? 0)
    }
  }
}

extension OperationKind {
  fileprivate var isTransformerEngineLinear: Bool {
    switch self {
    case .queryKeyValue, .outputProjection, .queryDown, .queryUp, .keyValueDown, .keyValueUp,
      .feedForwardUp, .feedForwardDown, .expertUp, .expertDown, .sharedUp, .sharedDown,
      .predictionProjection:
      true
    default: false
    }
  }
}

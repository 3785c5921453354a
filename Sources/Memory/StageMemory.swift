public import Graph
import Parallelism
public import Units

/// What each rank of one pipeline stage holds at the moment it holds most.
public struct StageMemory: Hashable, Sendable {
  public let pipelineRank: Int
  /// Weights in the format of the step.
  public let parameters: Bytes
  /// The fp32 main gradients; none in inference.
  public let gradients: Bytes
  /// Master weights and two Adam moments, 12 bytes per parameter, sharded from ZeRO-1 on.
  public let optimizer: Bytes
  /// What forward passes keep for backward passes that have not yet run.
  public let activations: Bytes
  /// Keys and values of the sequences being served; none in training.
  public let keyValueCache: Bytes
  /// What a serving stack keeps for itself; none in training.
  public let reserve: Bytes
  /// Forward passes whose backward has not ended, at the peak, over all chunks.
  public let inFlight: Int

  /// All of it.
  public var peak: Bytes {
    parameters + gradients + optimizer + activations + keyValueCache + reserve
  }

  /// Weights, gradients and optimizer: what Megatron's estimator calls weight and optimizer memory.
  public var persistent: Bytes { parameters + gradients + optimizer }

  /// - Parameters:
  ///   - program: the stage's program, which says what it stores.
  ///   - keyValueCache: bytes of the cache on one rank; zero in training.
  /// - Complexity: linear in the operations of the program.
  /// - SeeAlso: Megatron-LM's `theoretical_memory_usage.py`: `6 + 12 / d` bytes per parameter.
  public init(
    of program: StageProgram, in graph: StepGraph, keyValueCache: Bytes = .zero
  ) {
    let plan = graph.grid.plan
    let configuration = graph.configuration
    let trains = configuration.phase == .train
    var elements = 0
    var shardElements = 0
    var owned = 0
    var casts = 0
    for shard in program.storage.parameters {
      let shards = configuration.shards(ofExpert: shard.isExpert, under: plan)
      elements += shard.elements
      shardElements += (shard.elements + shards - 1) / shards
      owned += (12 * shard.elements + shards - 1) / shards
      if configuration.precision.quantizes(shard.owner) { casts += 2 * shard.elements }
    }
    pipelineRank = program.pipelineRank
    let sharding = trains ? configuration.sharding : .none
    let layers = program.storage.layerElements
    // ZeRO-3 gathers a layer while the one before computes; a layer's gradients live until reduced.
    parameters = Bytes(
      casts + configuration.format.width
        * (sharding == .parameters
          ? min(elements, shardElements + layers.prefix(2).reduce(0, +)) : elements))
    gradients =
      trains
      ? Bytes(
        4
          * (sharding.shardsGradients
            ? min(elements, shardElements + layers.prefix(1).reduce(0, +)) : elements))
      : .zero
    optimizer =
      trains ? Bytes(Int((1 - configuration.optimizerOffload) * Double(owned))) : .zero
    self.keyValueCache = keyValueCache
    reserve = InferenceReserve.bytes(of: configuration)
    guard trains else {
      activations = ForwardWorkspace(of: program, in: graph).bytes
      inFlight = 1
      return
    }
    let peak = ActivationPeak(of: program)
    activations = peak.bytes
    inFlight = peak.inFlight
  }
}

extension StageStorage {
  /// Elements of each layer's parameters, and of what is outside layers together, largest first.
  fileprivate var layerElements: [Int] {
    var sums: [Int?: Int] = [:]
    for shard in parameters { sums[shard.layer, default: 0] += shard.elements }
    return sums.values.sorted(by: >)
  }
}

/// The most that forward passes keep at once, walking a program in launch order.
private struct ActivationPeak {
  let bytes: Bytes
  let inFlight: Int

  init(of program: StageProgram) {
    var perChunk: [Int: Int] = [:]
    for activation in program.storage.activations {
      perChunk[activation.chunk, default: 0] += activation.bytes.count
    }
    var held = 0
    var count = 0
    var most = (bytes: 0, count: 0)
    for slot in program.slotBoundaries {
      let amount = perChunk[slot.chunk] ?? 0
      if slot.isForward {
        held += amount
        count += 1
        if held > most.bytes { most = (held, count) }
      } else {
        held -= amount
        count -= 1
      }
    }
    bytes = Bytes(most.bytes)
    inFlight = most.count
  }
}

extension StageProgram {
  /// Where forwards begin and backwards end, in order: a chunk's microbatch holds its activations
  /// from one to the other, however slots are split or run together.
  fileprivate var slotBoundaries: [(chunk: Int, isForward: Bool)] {
    struct Pass: Hashable { let chunk: Int, microbatch: Int }
    var ends: [Pass: Int] = [:]
    for (index, operation) in operations.enumerated() where operation.pass != .step {
      guard let microbatch = operation.microbatch, operation.pass != .forward else { continue }
      ends[Pass(chunk: operation.chunk, microbatch: microbatch)] = index
    }
    var begun: Set<Pass> = []
    var slots: [(chunk: Int, isForward: Bool)] = []
    for (index, operation) in operations.enumerated() where operation.pass != .step {
      guard let microbatch = operation.microbatch else { continue }
      let pass = Pass(chunk: operation.chunk, microbatch: microbatch)
      if operation.pass == .forward, begun.insert(pass).inserted {
        slots.append((operation.chunk, true))
      }
      if ends[pass] == index { slots.append((operation.chunk, false)) }
    }
    return slots
  }
}

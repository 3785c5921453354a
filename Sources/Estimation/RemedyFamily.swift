import Graph
import Model
import Parallelism
import Units

/// The kinds of change that take less memory, in the order in which equal ones are named.
enum RemedyFamily: CaseIterable, Sendable {
  case fusedLoss, selectiveRecomputation, fullRecomputation, schedule, microBatch, sharding
  case optimizerOffload, activationOffload, keyValueCache
  case tensor, pipeline, context, expert

  /// The changes of the family that a scenario does not already have, the mildest first.
  func changes(of scenario: Scenario) -> [RemedyChange] {
    let configuration = scenario.configuration
    let trains = configuration.phase == .train
    switch self {
    case .fusedLoss: return trains && !configuration.fusesCrossEntropy ? [.fusedLoss] : []
    case .selectiveRecomputation: return trains ? scenario.selections : []
    case .fullRecomputation: return trains ? scenario.recomputedBlocks : []
    case .schedule: return trains && scenario.plan.pipeline > 1 ? scenario.schedules : []
    case .microBatch: return scenario.microBatches
    case .sharding: return trains ? scenario.shardings : []
    case .optimizerOffload:
      let shares = [0.25, 0.5, 0.75, 1].filter { $0 > configuration.optimizerOffload }
      return trains ? shares.map(RemedyChange.optimizerOffload) : []
    case .activationOffload:
      guard trains, configuration.recomputation == .none else { return [] }
      return steps(to: scenario.layersPerChunk)
        .filter { $0 > configuration.activationOffloadLayers }
        .map { .activationOffload(layers: $0) }
    case .keyValueCache:
      return trains || configuration.keyValueCacheFormat == .fp8 ? [] : [.keyValueCache(.fp8)]
    case .tensor: return scenario.plans { $0.with(tensor: $0.tensor * $1, data: $0.data / $1) }
    case .pipeline:
      return scenario.plans { $0.with(pipeline: $0.pipeline * $1, data: $0.data / $1) }
    case .context: return scenario.plans { $0.with(context: $0.context * $1, data: $0.data / $1) }
    case .expert:
      guard scenario.model.mixtureOfExperts != nil else { return [] }
      return [2, 4, 8].compactMap { scenario.plan.with(expert: scenario.plan.expert * $0) }
        .map(RemedyChange.plan)
    }
  }
}

/// Counts from 1 to a limit in ever larger steps, at most about a dozen.
private func steps(to limit: Int) -> [Int] {
  let stride = max(1, (limit + 11) / 12)
  var counts = Array(Swift.stride(from: stride, to: limit, by: stride))
  if limit > 0 { counts.append(limit) }
  return counts
}

extension Scenario {
  /// Layers of the fullest chunk.
  fileprivate var layersPerChunk: Int {
    (model.layers.count + plan.stages - 1) / plan.stages
  }

  /// Each module alone, then norms with one other, then all that drop tensors.
  fileprivate var selections: [RemedyChange] {
    guard configuration.recomputation == .none else { return [] }
    let modules = RecomputedModule.allCases.filter(has)
    var choices: [Set<RecomputedModule>] = modules.map { [$0] }
    choices += modules.filter { $0 != .layerNorm }.map { [.layerNorm, $0] }
    // A recomputed block contains its activation.
    let together = Set(modules).subtracting(
      modules.contains(.mixtureOfExperts) ? [.expertActivation, .sharedExperts] : [])
    if !choices.contains(together) { choices.append(together) }
    return choices.map { .recomputation(.selective($0)) }
  }

  private func has(_ module: RecomputedModule) -> Bool {
    let experts = model.mixtureOfExperts
    switch module {
    case .coreAttention, .layerNorm: return true
    case .expertActivation, .mixtureOfExperts: return experts != nil
    case .sharedExperts: return (experts?.sharedIntermediateSize ?? 0) > 0
    case .feedForward:
      return model.layers.contains { if case .dense = $0.feedForward { true } else { false } }
    case .latentUpProjection:
      return model.layers.contains { if case .latent = $0.attention { true } else { false } }
    }
  }

  /// The first layers of every chunk, from one to all.
  fileprivate var recomputedBlocks: [RemedyChange] {
    let already: Int
    switch configuration.recomputation {
    case .none, .selective: already = 0
    case .block(let layers): already = layers
    case .uniform: return []
    }
    return (1...max(1, layersPerChunk)).filter { $0 > already }.map {
      .recomputation($0 == layersPerChunk ? .uniform(interval: 1) : .block(layers: $0))
    }
  }

  fileprivate var schedules: [RemedyChange] {
    let choices: [(PipelineSchedule, Int)] = [
      (.oneForwardOneBackward, 1), (.vHalf, 2), (.vMin, 2),
    ]
    return choices.filter { $0.0 != configuration.schedule || $0.1 != plan.virtualPipeline }
      .map { .schedule($0.0, chunks: $0.1) }
  }

  fileprivate var microBatches: [RemedyChange] {
    let size = configuration.microBatchSize
    return [2, 4, 8, 16, 32].filter { size % $0 == 0 }.map { .microBatch(size / $0) }
  }

  fileprivate var shardings: [RemedyChange] {
    guard plan.data * plan.context > 1,
      let present = DataSharding.allCases.firstIndex(of: configuration.sharding)
    else { return [] }
    return DataSharding.allCases.dropFirst(present + 1).map(RemedyChange.sharding)
  }

  /// An axis two, four and eight times as long, at the cost of data parallelism.
  fileprivate func plans(_ split: (ParallelPlan, Int) -> ParallelPlan?) -> [RemedyChange] {
    [2, 4, 8].filter { plan.data % $0 == 0 }.compactMap { split(plan, $0) }
      .map(RemedyChange.plan)
  }
}

import Graph
import Model
import Parallelism

/// FLOPs of matrix products of a step over all ranks, in closed form from model, plan and options.
///
/// With `N` tokens in a step, a product of the model with `k × n` weights takes `2Nkn`, causal attention
/// `N · s/2 · 2 · heads · (query-key + value dimension)` forward and 2.5 times that backward. Keys and
/// values below TP are replicated; so are latents' down projections without sequence parallelism.
struct ExpectedWork {
  /// The parts of a layer that recomputation tells apart.
  struct Layer {
    var core = 0.0
    var latentUp = 0.0
    var projections = 0.0
    var dense = 0.0
    var routed = 0.0
    var shared = 0.0

    var products: Double { latentUp + projections + dense + routed + shared }
    var forward: Double { core + products }
  }

  private let test: RandomCase
  private let tokens: Double

  init(_ test: RandomCase) {
    self.test = test
    let configuration = test.configuration
    tokens = Double(
      configuration.sequenceLength * configuration.microBatchSize * configuration.microbatches
        * test.plan.data)
  }

  func flops(of pass: OperationPass) -> Double {
    switch pass {
    case .forward: all.reduce(outside) { $0 + $1.forward }
    case .inputGradient: all.reduce(outside) { $0 + $1.products + 2.5 * $1.core }
    case .weightGradient: all.reduce(outside) { $0 + $1.products }
    case .recompute: recomputed
    case .step: 0
    }
  }

  private var hidden: Double { Double(test.model.hiddenSize) }
  private var modules: Int { test.model.multiTokenPredictionLayers }

  /// The layers of the model, then those of the prediction modules.
  private var all: [Layer] { test.model.layers.map(layer) + predictions }

  private var predictions: [Layer] {
    (0..<modules).compactMap { _ in test.model.layers.last.map(layer) }
  }

  /// The head, once more per module; the modules' projections of two states to one.
  private var outside: Double {
    let heads = 2 * tokens * hidden * Double(test.model.vocabularySize)
    return Double(1 + modules) * heads + Double(modules) * joins
  }

  private var joins: Double { 2 * tokens * 2 * hidden * hidden }

  private func layer(_ layer: TransformerLayer) -> Layer {
    var work = Layer()
    let plan = test.plan
    let copies = Double(plan.sequenceParallel ? 1 : plan.tensor)
    switch layer.attention {
    case .groupedQuery(let attention):
      let width = Double(attention.heads * attention.headDimension)
      let keys = Double(max(attention.keyValueHeads, plan.tensor) * attention.headDimension)
      work.projections = 2 * tokens * hidden * (2 * width + 2 * keys)
      work.core = core(heads: attention.heads, dimensions: 2 * attention.headDimension)
    case .latent(let attention):
      let heads = Double(attention.heads)
      let query = heads * Double(attention.queryHeadDimension)
      let value = heads * Double(attention.valueHeadDimension)
      let rank = Double(attention.keyValueRank)
      let cached = rank + Double(attention.ropeHeadDimension)
      let down = (attention.queryRank.map(Double.init) ?? 0) + cached
      let expanded = heads * Double(attention.nopeHeadDimension) + value
      let latent = attention.queryRank.map(Double.init) ?? hidden
      work.latentUp = 2 * tokens * (latent * query + rank * expanded)
      work.projections = 2 * tokens * hidden * (copies * down + value)
      work.core = core(
        heads: attention.heads,
        dimensions: attention.queryHeadDimension + attention.valueHeadDimension)
    }
    switch layer.feedForward {
    case .dense(let block):
      work.dense = products(block.isGated, of: tokens, by: block.intermediateSize)
    case .experts(let block):
      work.routed =
        2 * tokens * hidden * Double(block.experts)
        + products(block.isGated, of: rows(block), by: block.intermediateSize)
      work.shared = products(block.isGated, of: tokens, by: block.sharedIntermediateSize)
    }
    return work
  }

  private func core(heads: Int, dimensions: Int) -> Double {
    tokens * Double(test.configuration.sequenceLength) / 2 * 2 * Double(heads * dimensions)
  }

  private func products(_ isGated: Bool, of rows: Double, by width: Int) -> Double {
    (isGated ? 6 : 4) * rows * hidden * Double(width)
  }

  /// Rows of all experts: tokens times top-k, or what fixed capacities make of it on each rank.
  private func rows(_ block: MixtureOfExperts) -> Double {
    guard let factor = test.configuration.capacityFactor else {
      return tokens * Double(block.topK)
    }
    let ranks = Double(test.plan.stageSize * test.configuration.microbatches)
    let own = tokens / ranks * Double(block.topK)
    let experts = Double(block.experts)
    return ranks * experts * (factor * own / experts).rounded(.up)
  }

  private var recomputed: Double {
    let own = test.model.layers.map(layer)
    let modules = predictions.reduce(Double(modules) * joins) { $0 + $1.forward }
    switch test.configuration.recomputation {
    case .none: return 0
    case .uniform: return own.reduce(modules) { $0 + $1.forward }
    case .block(let count):
      var first = 0
      return test.layers.reduce(modules) { sum, layers in
        defer { first += layers }
        return own[first..<first + min(count, layers)].reduce(sum) { $0 + $1.forward }
      }
    case .selective(let chosen):
      return all.reduce(0) { $0 + $1.recomputed(chosen) }
    }
  }
}

extension ExpectedWork.Layer {
  fileprivate func recomputed(_ modules: Set<RecomputedModule>) -> Double {
    modules.reduce(0) { sum, module in
      switch module {
      case .coreAttention: sum + core
      case .latentUpProjection: sum + latentUp
      case .feedForward: sum + dense
      case .mixtureOfExperts: sum + routed + shared
      case .sharedExperts: sum + (modules.contains(.mixtureOfExperts) ? 0 : shared)
      case .expertActivation, .layerNorm: sum
      }
    }
  }
}

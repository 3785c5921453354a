import Graph
import Model
import Parallelism
import Units

extension DataFlow {
  /// Router, dispatch, experts and combine of one layer.
  mutating func expertBlock(
    _ experts: MixtureOfExperts, layer: Int, norm: Int, sizes: StepSizes
  ) -> Int {
    let router = compute(.router, layer: layer, after: norm, hasWeights: true)
    let routing = compute(.routing, layer: layer, after: router)
    let choice = ExpertChoice(
      experts: experts, layer: layer, norm: norm, routing: routing,
      probabilities: balanced(experts, layer: layer, routing: routing, sizes: sizes),
      traffic: ExpertTraffic(experts, sizes: sizes), sizes: sizes)
    return switch sizes.configuration.dispatcher {
    case .allToAll: allToAllExperts(choice)
    case .allGather: gatheredExperts(choice)
    case .deepEP: fusedExperts(choice)
    }
  }

  /// Megatron's all-to-all dispatcher: a row per token and expert goes to the expert, then to its
  /// shards.
  private mutating func allToAllExperts(_ choice: ExpertChoice) -> Int {
    let layer = choice.layer
    let traffic = choice.traffic
    let counts = communicate(
      .tokenCountGather, layer: layer, after: choice.routing, forward: traffic.counts,
      backward: nil, carriesGradient: false)
    let permuted = compute(.permute, layer: layer, after: choice.norm, choice.probabilities)
    let tokens = dual(.tokenDispatch, layer, after: permuted, counts, traffic.tokenExchange)
    let weights = dual(
      .probabilityDispatch, layer, after: permuted, counts, traffic.probabilityExchange)
    let gatheredTokens = dual(.expertTokenGather, layer, after: tokens, nil, traffic.tokenGather)
    let gatheredWeights = dual(
      .expertProbabilityGather, layer, after: weights, nil, traffic.probabilityGather)
    // Chunks of one local expert are in order already.
    let isSorted = choice.experts.experts / choice.sizes.plan.expert == 1
    let sorted = compute(.expertSort, layer: layer, after: gatheredTokens, isOptional: isSorted)
    let down = expertProducts(layer, rows: sorted, weights: gatheredWeights)
    let unsorted = compute(.expertUnsort, layer: layer, after: down, isOptional: isSorted)
    let scattered = dual(.expertScatter, layer, after: unsorted, nil, traffic.scatter)
    let combined = dual(.tokenCombine, layer, after: scattered, nil, traffic.tokenExchange)
    return compute(.unpermute, layer: layer, after: combined)
  }

  /// Megatron's all-gather dispatcher: every rank sees all tokens of the expert group with their
  /// routing, and the sums are scattered back.
  private mutating func gatheredExperts(_ choice: ExpertChoice) -> Int {
    let layer = choice.layer
    let traffic = choice.traffic
    let map = communicate(
      .tokenCountGather, layer: layer, after: choice.routing, forward: traffic.routingMap,
      backward: nil, carriesGradient: false)
    let weights = dual(
      .probabilityDispatch, layer, after: choice.probabilities, nil, traffic.scoreGather)
    let tokens = dual(.tokenDispatch, layer, after: choice.norm, nil, traffic.streamGather)
    let permuted = compute(.permute, layer: layer, after: tokens, weights, map)
    let down = expertProducts(layer, rows: permuted, weights: permuted)
    let restored = compute(.unpermute, layer: layer, after: down)
    return dual(.tokenCombine, layer, after: restored, nil, traffic.streamGather?.dual)
  }

  /// Fused kernels (DeepEP): permutation and exchange in one, a copy per rank rather than per expert;
  /// counts and probabilities travel along.
  private mutating func fusedExperts(_ choice: ExpertChoice) -> Int {
    let layer = choice.layer
    let call = choice.traffic.fusedExchange
    let tokens = add(
      Node(
        layer: layer,
        inputs: [Input(node: choice.norm), Input(node: choice.probabilities)],
        forward: role(.tokenDispatch, call), inputGradient: role(.tokenDispatch, call),
        weightGradient: nil))
    let expanded = compute(.expertSort, layer: layer, after: tokens)
    let down = expertProducts(layer, rows: expanded, weights: expanded)
    let reduced = compute(.expertUnsort, layer: layer, after: down)
    return dual(.tokenCombine, layer, after: reduced, nil, call)
  }

  private mutating func expertProducts(_ layer: Int, rows: Int, weights: Int) -> Int {
    let up = compute(.expertUp, layer: layer, after: rows, hasWeights: true)
    let activated = compute(.expertActivation, layer: layer, after: up, weights)
    return compute(.expertDown, layer: layer, after: activated, hasWeights: true)
  }

  /// The load-balancing loss, which passes the probabilities on.
  private mutating func balanced(
    _ experts: MixtureOfExperts, layer: Int, routing: Int, sizes: StepSizes
  ) -> Int {
    guard experts.hasAuxiliaryLoss, sizes.configuration.auxiliaryLoss, sizes.isTraining else {
      return routing
    }
    let bytes = 8 * experts.experts
    let reduced = communicate(
      .routerCountReduce, layer: layer, after: routing,
      forward: sizes.collective(.allReduce, over: .tensorContext, in: bytes, out: bytes),
      backward: nil, carriesGradient: false)
    return compute(.auxiliaryLoss, layer: layer, after: routing, reduced)
  }

  private mutating func dual(
    _ kind: OperationKind, _ layer: Int, after input: Int, _ counts: Int?,
    _ collective: ExpectedCollective?
  ) -> Int {
    add(
      Node(
        layer: layer, inputs: [input, counts].compactMap { $0.map { Input(node: $0) } },
        forward: role(kind, collective), inputGradient: role(kind, collective?.dual),
        weightGradient: nil))
  }

  private func role(_ kind: OperationKind, _ collective: ExpectedCollective?) -> Role? {
    collective.map { Role(kind: kind, communication: .collective($0)) }
  }
}

/// What every dispatcher starts from.
private struct ExpertChoice {
  let experts: MixtureOfExperts
  let layer: Int
  let norm: Int
  let routing: Int
  let probabilities: Int
  let traffic: ExpertTraffic
  let sizes: StepSizes
}

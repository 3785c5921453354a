import Graph
import Model
import Parallelism
import Units

extension DataFlow {
  /// Router, dispatch, experts and combine of one layer with Megatron's all-to-all dispatcher.
  mutating func expertBlock(
    _ experts: MixtureOfExperts, layer: Int, norm: Int, sizes: StepSizes
  ) -> Int {
    let traffic = ExpertTraffic(experts, sizes: sizes)
    let router = compute(.router, layer: layer, after: norm, hasWeights: true)
    let routing = compute(.routing, layer: layer, after: router)
    let probabilities = balanced(experts, layer: layer, routing: routing, sizes: sizes)
    let counts = communicate(
      .tokenCountGather, layer: layer, after: routing, forward: traffic.counts, backward: nil,
      carriesGradient: false)
    let permuted = compute(.permute, layer: layer, after: norm, probabilities)
    let tokens = dual(.tokenDispatch, layer, after: permuted, counts, traffic.tokenExchange)
    let weights = dual(
      .probabilityDispatch, layer, after: permuted, counts, traffic.probabilityExchange)
    let gatheredTokens = dual(.expertTokenGather, layer, after: tokens, nil, traffic.tokenGather)
    let gatheredWeights = dual(
      .expertProbabilityGather, layer, after: weights, nil, traffic.probabilityGather)
    // Chunks of one local expert are in order already.
    let isSorted = experts.experts / sizes.plan.expert == 1
    let sorted = compute(.expertSort, layer: layer, after: gatheredTokens, isOptional: isSorted)
    let up = compute(.expertUp, layer: layer, after: sorted, hasWeights: true)
    let activated = compute(.expertActivation, layer: layer, after: up, gatheredWeights)
    let down = compute(.expertDown, layer: layer, after: activated, hasWeights: true)
    let unsorted = compute(.expertUnsort, layer: layer, after: down, isOptional: isSorted)
    let scattered = dual(.expertScatter, layer, after: unsorted, nil, traffic.scatter)
    let combined = dual(.tokenCombine, layer, after: scattered, nil, traffic.tokenExchange)
    return compute(.unpermute, layer: layer, after: combined)
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
    let role = collective.map { Role(kind: kind, communication: .collective($0)) }
    let back = collective.map { Role(kind: kind, communication: .collective($0.dual)) }
    return add(
      Node(
        layer: layer, inputs: [input, counts].compactMap { $0.map { Input(node: $0) } },
        forward: role, inputGradient: back, weightGradient: nil))
  }
}

/// The messages of one mixture-of-experts layer under balanced routing.
private struct ExpertTraffic {
  let counts, tokenExchange, probabilityExchange: ExpectedCollective?
  let tokenGather, probabilityGather, scatter: ExpectedCollective?

  init(_ experts: MixtureOfExperts, sizes: StepSizes) {
    let plan = sizes.plan
    // A router under tensor parallelism needs the sequence sharded; otherwise the rows are open.
    let isDefined = plan.tensor == 1 || plan.sequenceParallel
    let rows = sizes.shardTokens * experts.topK
    let hidden = sizes.model.hiddenSize
    let scoreWidth = sizes.configuration.routerFormat.width
    func bytes(_ count: Int) -> Int? { isDefined ? count : nil }
    let tokens = rows * hidden * sizes.width
    let scores = rows * scoreWidth
    let gathered = plan.expertTensor
    counts = sizes.collective(
      .allGather, over: .expertTensorExpert, in: 8 * experts.experts,
      out: 8 * experts.experts * gathered * plan.expert)
    tokenExchange = sizes.collective(
      .allToAll, over: .expert, in: bytes(tokens), out: bytes(tokens))
    probabilityExchange = sizes.collective(
      .allToAll, over: .expert, in: bytes(scores), out: bytes(scores))
    tokenGather = sizes.collective(
      .allGather, over: .expertTensor, in: bytes(tokens), out: bytes(tokens * gathered))
    probabilityGather = sizes.collective(
      .allGather, over: .expertTensor, in: bytes(scores), out: bytes(scores * gathered))
    // The experts' output is cast to the format of the scores before it is reduced.
    let output = rows * hidden * scoreWidth
    scatter = sizes.collective(
      .reduceScatter, over: .expertTensor, in: bytes(output * gathered), out: bytes(output))
  }
}

import Graph
import Model

extension DataFlow {
  /// The feed-forward block of one layer: from the residual stream to the residual stream.
  mutating func feedForwardBlock(
    _ feedForward: FeedForward, layer: Int, input: Int, sizes: StepSizes
  ) -> Int {
    let norm = compute(.feedForwardNorm, layer: layer, after: input)
    var branches: [Int]
    switch feedForward {
    case .dense: branches = [denseBlock(layer: layer, norm: norm, sizes: sizes)]
    case .experts(let experts):
      branches = []
      if experts.sharedIntermediateSize > 0 {
        branches.append(sharedBlock(experts, layer: layer, norm: norm, sizes: sizes))
      }
      branches.append(expertBlock(experts, layer: layer, norm: norm, sizes: sizes))
    }
    if sizes.model.hasDropout && sizes.isTraining {
      let dropout = Role(kind: .feedForwardDropout)
      branches = [
        add(
          Node(
            layer: layer, inputs: branches.map { Input(node: $0) }, forward: dropout,
            inputGradient: dropout, weightGradient: nil))
      ]
    }
    let role = Role(kind: .feedForwardResidual)
    return add(
      Node(
        layer: layer,
        inputs: [Input(node: input, isSkip: true)] + branches.map { Input(node: $0) },
        forward: role, inputGradient: role, weightGradient: nil))
  }

  private mutating func denseBlock(layer: Int, norm: Int, sizes: StepSizes) -> Int {
    let gathered = tensorGather(.feedForwardGather, layer: layer, after: norm, sizes: sizes)
    let up = compute(.feedForwardUp, layer: layer, after: gathered, hasWeights: true)
    let activated = compute(.activation, layer: layer, after: up)
    let down = compute(.feedForwardDown, layer: layer, after: activated, hasWeights: true)
    return tensorScatter(.feedForwardScatter, layer: layer, after: down, sizes: sizes)
  }

  private mutating func sharedBlock(
    _ experts: MixtureOfExperts, layer: Int, norm: Int, sizes: StepSizes
  ) -> Int {
    let gathered = tensorGather(.sharedGather, layer: layer, after: norm, sizes: sizes)
    let up = compute(.sharedUp, layer: layer, after: gathered, hasWeights: true)
    let activated = compute(.sharedActivation, layer: layer, after: up)
    let down = compute(.sharedDown, layer: layer, after: activated, hasWeights: true)
    let scattered = tensorScatter(.sharedScatter, layer: layer, after: down, sizes: sizes)
    guard experts.hasSharedExpertGate else { return scattered }
    return compute(.sharedGate, layer: layer, after: scattered, norm)
  }
}

public import Graph
public import Model
public import Parallelism

extension StepConfiguration {
  /// Everything about the options of the step that the model or the plan does not allow, in a fixed
  /// order; empty if all are legal. Lowering refuses the first.
  ///
  /// - Precondition: the plan is legal for the model (`ParallelPlan.check`).
  public func optionViolations(of model: TransformerModel, under plan: ParallelPlan)
    -> [OptionViolation]
  {
    shardingViolations(plan) + contextViolations(model, plan) + expertViolations(model)
      + resourceViolations(plan)
  }

  private func resourceViolations(_ plan: ParallelPlan) -> [OptionViolation] {
    var violations: [OptionViolation] = []
    if overlapsTensor, plan.tensor > 1, !plan.sequenceParallel {
      violations.append(.tensorOverlapWithoutSequenceParallel)
    }
    if !(0...1).contains(optimizerOffload) {
      violations.append(.optimizerOffload(optimizerOffload))
    }
    if activationOffloadLayers < 0 {
      violations.append(.activationOffload(activationOffloadLayers))
    }
    return violations
  }

  private func expertViolations(_ model: TransformerModel) -> [OptionViolation] {
    guard model.mixtureOfExperts != nil else { return [] }
    var violations: [OptionViolation] = []
    if let capacityFactor {
      if capacityFactor <= 0 { violations.append(.capacity(capacityFactor)) }
      if dispatcher != .allToAll {
        violations.append(.capacityWithDispatcher(dispatcher.rawValue))
      }
    }
    if overlapsSharedExperts, dispatcher != .allToAll {
      violations.append(.sharedOverlapWithDispatcher(dispatcher.rawValue))
    }
    if case .selective(let modules) = recomputation, phase == .train, overlapsSharedExperts,
      modules.contains(.sharedExperts), !modules.contains(.mixtureOfExperts)
    {
      violations.append(.sharedOverlapWithRecomputation)
    }
    return violations
  }

  private func contextViolations(_ model: TransformerModel, _ plan: ParallelPlan)
    -> [OptionViolation]
  {
    guard plan.context > 1, phase != .decode else { return [] }
    switch contextExchange {
    case .allGather: return []
    case .ring: return model.ringViolations
    case .allToAll: return model.headViolations(plan, ranks: plan.context)
    case .hierarchical(let inner):
      guard inner >= 1, plan.context % inner == 0 else {
        return [.contextInner(inner, context: plan.context)]
      }
      return model.headViolations(plan, ranks: inner)
        + (inner < plan.context ? model.ringViolations : [])
    }
  }

  private func shardingViolations(_ plan: ParallelPlan) -> [OptionViolation] {
    guard let degree = shardingDegree, sharding != .none else { return [] }
    let replicas = plan.data * plan.context
    let isLegal = { (degree: Int) in
      degree >= 1 && replicas % degree == 0 && AxisCuts(instances: replicas / degree).fit(plan)
    }
    guard !isLegal(degree) else { return [] }
    return [
      .shardingDegree(
        degree, replicas: replicas, expertReplicas: plan.expertData,
        legal: (1...replicas).filter(isLegal))
    ]
  }
}

extension TransformerModel {
  fileprivate var ringViolations: [OptionViolation] {
    let windows = layers.lazy.compactMap { layer -> Int? in
      guard case .groupedQuery(let attention) = layer.attention else { return nil }
      return attention.slidingWindow
    }
    return windows.first.map { [.ringWithWindow(window: $0)] } ?? []
  }

  fileprivate func headViolations(_ plan: ParallelPlan, ranks: Int) -> [OptionViolation] {
    for layer in layers {
      let heads = layer.attention.heads / plan.tensor
      let keyValueHeads =
        switch layer.attention {
        case .groupedQuery(let attention): max(1, attention.keyValueHeads / plan.tensor)
        case .latent: heads
        }
      guard heads % ranks == 0, keyValueHeads % ranks == 0 else {
        return [.contextHeads(heads: heads, keyValueHeads: keyValueHeads, ranks: ranks)]
      }
    }
    return []
  }
}

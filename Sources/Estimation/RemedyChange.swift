public import Graph
public import Parallelism
public import Units

/// One thing to do differently so that a step takes less memory.
public enum RemedyChange: Hashable, Sendable {
  case recomputation(Recomputation)
  /// Sequences per microbatch, the global batch as before.
  case microBatch(Int)
  case sharding(DataSharding)
  /// The same GPUs split along other axes, the global batch as before.
  case plan(ParallelPlan)
  /// A pipeline order, over so many chunks per rank.
  case schedule(PipelineSchedule, chunks: Int)
  /// A share of the optimizer state that the host keeps.
  case optimizerOffload(Double)
  /// Layers per chunk whose activations the host keeps.
  case activationOffload(layers: Int)
  /// The loss in place of the logits.
  case fusedLoss
  /// Format of cached keys and values.
  case keyValueCache(NumericFormat)
}

/// What a step is to be: a plan and its options, which may not be legal.
struct RemedyDraft {
  var plan: ParallelPlan
  var configuration: StepConfiguration
  /// Sequences over all ranks, which no change touches.
  let globalBatchSize: Int

  init(_ scenario: Scenario) {
    plan = scenario.plan
    configuration = scenario.configuration
    globalBatchSize = scenario.globalBatchSize
  }

  /// The draft with a change; nil where the global batch does not split.
  func applying(_ change: RemedyChange) -> RemedyDraft? {
    var draft = self
    switch change {
    case .recomputation(let recomputation): draft.configuration.recomputation = recomputation
    case .microBatch(let size): draft.configuration.microBatchSize = size
    case .sharding(let sharding): draft.configuration.sharding = sharding
    case .plan(let plan): draft.plan = plan
    case .schedule(let schedule, let chunks):
      draft.configuration.schedule = schedule
      guard let plan = plan.with(virtualPipeline: chunks) else { return nil }
      draft.plan = plan
    case .optimizerOffload(let share): draft.configuration.optimizerOffload = share
    case .activationOffload(let layers): draft.configuration.activationOffloadLayers = layers
    case .fusedLoss: draft.configuration.fusesCrossEntropy = true
    case .keyValueCache(let format): draft.configuration.keyValueCacheFormat = format
    }
    let perMicrobatch = draft.configuration.microBatchSize * draft.plan.data
    guard globalBatchSize % perMicrobatch == 0 else { return nil }
    draft.configuration.microbatches = globalBatchSize / perMicrobatch
    return draft
  }
}

extension ParallelPlan {
  /// The same plan with other degrees; nil where they do not multiply out.
  ///
  /// Expert tensor parallelism stays as it is where there are experts to split.
  func with(
    tensor: Int? = nil, context: Int? = nil, pipeline: Int? = nil, virtualPipeline: Int? = nil,
    expert: Int? = nil, data: Int? = nil
  ) -> ParallelPlan? {
    try? ParallelPlan(
      checkingTensor: tensor ?? self.tensor, context: context ?? self.context,
      pipeline: pipeline ?? self.pipeline,
      virtualPipeline: virtualPipeline ?? self.virtualPipeline, expert: expert ?? self.expert,
      expertTensor: self.expert == 1 && expertTensor == self.tensor ? nil : expertTensor,
      data: data ?? self.data,
      sequenceParallel: self.tensor > 1 ? sequenceParallel : nil, rankOrder: rankOrder)
  }
}

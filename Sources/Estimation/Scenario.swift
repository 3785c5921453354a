public import Graph
public import Hardware
public import Model
public import Parallelism

/// One question: this model, split like this, in this step, on this cluster.
///
/// A value of this type is legal: the plan fits the model and the step, so nothing behind it checks
/// again.
public struct Scenario: Hashable, Sendable {
  public let model: TransformerModel
  public let plan: ParallelPlan
  public let configuration: StepConfiguration
  public let cluster: Cluster

  /// - Throws: `ScenarioError.illegal` with every rule that the plan breaks.
  public init(
    model: TransformerModel, plan: ParallelPlan, configuration: StepConfiguration,
    cluster: Cluster
  ) throws(ScenarioError) {
    let needs = PlanRequirements(model: model, plan: plan, configuration: configuration)
    let violations = plan.check(needs)
    guard violations.isEmpty else {
      throw .illegal(plan: plan, model: model.name, violations: violations)
    }
    self.model = model
    self.plan = plan
    self.configuration = configuration
    self.cluster = cluster
  }

  /// Sequences of one step over all ranks.
  public var globalBatchSize: Int {
    configuration.microBatchSize * configuration.microbatches * plan.data
  }

  /// Tokens that one step processes: every position of every sequence, or one each in decode.
  public var tokens: Int {
    globalBatchSize * (configuration.phase == .decode ? 1 : configuration.sequenceLength)
  }
}

/// Why a scenario makes no sense.
public enum ScenarioError: Error, Hashable, Sendable, CustomStringConvertible {
  case illegal(plan: ParallelPlan, model: String, violations: [PlanViolation])
  /// A global batch that does not split into whole microbatches.
  case batch(PlanViolation)

  public var description: String {
    switch self {
    case .illegal(let plan, let model, let violations):
      """
      \(plan.description) is not legal for \(model):
      \(violations.map { "  - " + $0.description }.joined(separator: "\n"))
      """
    case .batch(let violation): violation.description
    }
  }
}

extension PlanRequirements {
  /// What a model and a step ask of a plan.
  ///
  /// The vocabulary is padded to whole shards, so it is never in the way.
  public init(model: TransformerModel, plan: ParallelPlan, configuration: StepConfiguration) {
    let experts = model.mixtureOfExperts
    let dense = model.layers.lazy.compactMap { layer -> Int? in
      if case .dense(let block) = layer.feedForward { block.intermediateSize } else { nil }
    }.first
    let keyValueHeads: Int? =
      switch model.layers.first?.attention {
      case .groupedQuery(let attention): attention.keyValueHeads
      case .latent(let attention): attention.heads
      case nil: nil
      }
    let forward = configuration.phase != .train
    self.init(
      heads: model.layers.first?.attention.heads, kvHeads: keyValueHeads,
      layers: model.layers.count, feedForward: dense, experts: experts?.experts,
      expertFeedForward: experts?.intermediateSize,
      sequenceLength: configuration.phase == .decode ? nil : configuration.sequenceLength,
      microBatchSize: configuration.microBatchSize,
      globalBatchSize: configuration.microBatchSize * configuration.microbatches * plan.data,
      schedule: forward ? .forwardOnly : configuration.schedule, training: !forward)
  }
}

public import Graph
public import Hardware
import Lowering
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

  /// - Parameter globalBatchSize: sequences per step over all ranks where someone asked for a number,
  ///   which may not split into whole microbatches; the configuration's own unless given.
  /// - Throws: `ScenarioError.illegal` with every rule that the plan breaks, `illegalOptions` with
  ///   every option that does not go with it; other cases for steps too
  ///   large to compute with and sequences beyond the model's positions.
  public init(
    model: TransformerModel, plan: ParallelPlan, configuration: StepConfiguration,
    cluster: Cluster, globalBatchSize: Int? = nil
  ) throws(ScenarioError) {
    try Self.checkTokens(of: configuration, model: model)
    var needs = PlanRequirements(model: model, plan: plan, configuration: configuration)
    if let globalBatchSize { needs.globalBatchSize = globalBatchSize }
    let violations = plan.check(needs)
    guard violations.isEmpty else {
      throw .illegal(plan: plan, model: model.name, violations: violations)
    }
    self.model = model
    self.plan = plan
    self.configuration = configuration
    self.cluster = cluster
    let options = configuration.optionViolations(of: model, under: plan)
    guard options.isEmpty else {
      throw .illegalOptions(plan: plan, model: model.name, violations: options)
    }
    try checkSize()
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

extension PlanRequirements {
  /// What a model asks of a plan, whatever the step.
  ///
  /// The vocabulary is padded to whole shards, so it is never in the way.
  public init(model: TransformerModel) {
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
    self.init(
      heads: model.layers.first?.attention.heads, kvHeads: keyValueHeads,
      layers: model.layers.count, feedForward: dense, experts: experts?.experts,
      expertFeedForward: experts?.intermediateSize, training: false)
  }

  /// What a model and a step ask of a plan.
  public init(model: TransformerModel, plan: ParallelPlan, configuration: StepConfiguration) {
    self.init(model: model)
    training = configuration.phase == .train
    sequenceLength = configuration.phase == .decode ? nil : configuration.sequenceLength
    microBatchSize = configuration.microBatchSize
    globalBatchSize = configuration.microBatchSize * configuration.microbatches * plan.data
    schedule = training ? configuration.schedule : .forwardOnly
    overlapsExperts = training && configuration.overlapsExperts
    layout = configuration.layout
  }
}

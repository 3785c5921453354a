import ArgumentParser
import Estimation
import Graph
import Hardware
import Model
import Parallelism

/// Turns options into a legal scenario.
struct ScenarioBuilder {
  let options: StepOptions
  let model: TransformerModel
  let cluster: Cluster

  init(_ options: StepOptions) throws {
    self.options = options
    model = try options.resolvedModel()
    cluster = try options.resolvedCluster()
  }

  /// The scenario of a plan string, or of Megatron's flags when there is none.
  func scenario(plan text: String?) throws -> Scenario {
    try scenario(plan: text, running: try options.pipeline.resolved())
  }

  /// The scenario of a plan under a schedule; nil takes the plan's own.
  ///
  /// - Parameter fitting: whether a schedule for another number of chunks per rank than the plan
  ///   writes changes the plan, instead of being refused.
  func scenario(plan text: String?, running schedule: PipelineSchedule?, fitting: Bool = false)
    throws -> Scenario
  {
    guard text == nil || !options.megatron.isGiven else {
      throw ValidationError("--parallel and Megatron's flags exclude each other")
    }
    guard options.megatron.file == nil || options.attention.sequenceParallel == nil else {
      throw ValidationError(
        "--sequence-parallel is one of Megatron's flags too; write it into the file of --megatron")
    }
    let megatron = try options.megatron.arguments(
      gpus: options.gpus, layers: model.layers.count, sequenceParallel: sequenceParallel)
    var plan = try plan(text, megatron)
    if fitting, let schedule, schedule.fixesChunks { plan = plan.chunked(1) }
    plan = plan.running(schedule)
    return try Scenario(
      model: model, plan: plan,
      configuration: try configuration(of: plan, running: schedule, megatron),
      cluster: cluster, globalBatchSize: options.globalBatch ?? megatron?.step.globalBatchSize)
  }

  /// Decode of a dense model has too few tokens to shard; everything else shards by default.
  private var sequenceParallel: Bool {
    options.attention.sequenceParallel
      ?? (options.phase != .decode || model.mixtureOfExperts != nil)
  }

  private func plan(_ text: String?, _ megatron: MegatronArguments?) throws -> ParallelPlan {
    if let megatron { return megatron.plan }
    guard let text else {
      throw ValidationError(
        "no plan; give --parallel EP8-TP4-PP2-DP4, Megatron's flags, or --megatron FILE")
    }
    do throws(PlanError) {
      return try ParallelPlan(parsing: text, gpus: options.gpus, sequenceParallel: sequenceParallel)
    } catch .sequenceParallelContradicted where options.attention.sequenceParallel == nil {
      // What the plan writes goes before a default.
      return try ParallelPlan(parsing: text, gpus: options.gpus)
    }
  }

  private func configuration(
    of plan: ParallelPlan, running schedule: PipelineSchedule?, _ megatron: MegatronArguments?
  ) throws -> StepConfiguration {
    let microBatch = options.microBatch ?? megatron?.step.microBatchSize ?? 1
    guard microBatch <= 1 << 30 else {
      throw BadData("a micro batch of \(microBatch) is more than any job has; use a smaller one")
    }
    let microbatches = try microbatches(of: plan, microBatch: microBatch, megatron)
    var configuration = StepConfiguration(
      phase: options.phase,
      sequenceLength: options.sequence ?? megatron?.step.sequenceLength ?? 4096,
      microBatchSize: microBatch, microbatches: microbatches,
      schedule: schedule ?? megatron?.schedule ?? .oneForwardOneBackward)
    if let megatron { try configuration.apply(megatron) }
    try options.pipeline.apply(to: &configuration)
    options.sharding.apply(to: &configuration)
    try options.recompute.apply(to: &configuration)
    try options.attention.apply(to: &configuration, context: plan.context)
    options.experts.apply(to: &configuration)
    options.formats.apply(to: &configuration)
    return configuration
  }

  private func microbatches(
    of plan: ParallelPlan, microBatch: Int, _ megatron: MegatronArguments?
  ) throws -> Int {
    guard let batch = options.globalBatch ?? megatron?.step.globalBatchSize else {
      guard options.phase != .train else {
        throw ValidationError(
          """
          training needs --global-batch; with micro batch \(microBatch) and DP\(plan.data) it is a \
          multiple of \(microBatch * plan.data), for example \
          \(microBatch * plan.data * max(1, 8 * plan.pipeline))
          """)
      }
      return 1
    }
    // A batch that does not split is refused later, with everything else that the plan breaks.
    return max(1, batch / (microBatch * plan.data))
  }
}

extension ParallelPlan {
  /// The plan with the chunks per rank that a schedule takes, where the plan writes none.
  fileprivate func running(_ schedule: PipelineSchedule?) -> ParallelPlan {
    guard let schedule, virtualPipeline == 1, pipeline > 1 else { return self }
    return schedule.usualChunks > 1 ? chunked(schedule.usualChunks) : self
  }
}

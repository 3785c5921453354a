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
    guard text == nil || !options.megatron.isGiven else {
      throw ValidationError("--parallel and Megatron's flags exclude each other")
    }
    guard options.megatron.file == nil || options.sequenceParallel == nil else {
      throw ValidationError(
        "--sequence-parallel is one of Megatron's flags too; write it into the file of --megatron")
    }
    let megatron = try options.megatron.arguments(
      gpus: options.gpus, layers: model.layers.count, sequenceParallel: sequenceParallel)
    let plan = try plan(text, megatron)
    return try Scenario(
      model: model, plan: plan, configuration: try configuration(of: plan, megatron),
      cluster: cluster, globalBatchSize: options.globalBatch ?? megatron?.step.globalBatchSize)
  }

  /// Decode of a dense model has too few tokens to shard; everything else shards by default.
  private var sequenceParallel: Bool {
    options.sequenceParallel ?? (options.phase != .decode || model.mixtureOfExperts != nil)
  }

  private func plan(_ text: String?, _ megatron: MegatronArguments?) throws -> ParallelPlan {
    if let megatron { return megatron.plan }
    guard let text else {
      throw ValidationError(
        "no plan; give --parallel EP8-TP4-PP2-DP4, Megatron's flags, or --megatron FILE")
    }
    do throws(PlanError) {
      return try ParallelPlan(parsing: text, gpus: options.gpus, sequenceParallel: sequenceParallel)
    } catch .sequenceParallelContradicted where options.sequenceParallel == nil {
      // What the plan writes goes before a default.
      return try ParallelPlan(parsing: text, gpus: options.gpus)
    }
  }

  private func configuration(of plan: ParallelPlan, _ megatron: MegatronArguments?) throws
    -> StepConfiguration
  {
    let microBatch = options.microBatch ?? megatron?.step.microBatchSize ?? 1
    guard microBatch <= 1 << 30 else {
      throw BadData("a micro batch of \(microBatch) is more than any job has; use a smaller one")
    }
    let microbatches = try microbatches(of: plan, microBatch: microBatch, megatron)
    var configuration = StepConfiguration(
      phase: options.phase,
      sequenceLength: options.sequence ?? megatron?.step.sequenceLength ?? 4096,
      microBatchSize: microBatch, microbatches: microbatches,
      schedule: try schedule(of: plan, megatron))
    let replicates =
      options.replicatesOptimizer || megatron?.step.usesDistributedOptimizer == false
    configuration.sharding = replicates ? .none : .optimizer
    configuration.overlapsGradientReduce = !options.reducesGradientsLate
    configuration.overlapsParameterGather = !options.gathersParametersLate
    configuration.fusesCrossEntropy =
      options.fusesCrossEntropy || megatron?.step.fusesCrossEntropy == true
    configuration.auxiliaryLoss = !options.leavesOutAuxiliaryLoss
    configuration.usesCUDAGraphs = options.cudaGraphs ?? (options.phase == .decode)
    configuration.keyValueCacheFormat = options.keyValueCacheFormat.format
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

  private func schedule(of plan: ParallelPlan, _ megatron: MegatronArguments?) throws
    -> PipelineSchedule
  {
    if let group = options.group {
      guard options.schedule == .interleaved || options.schedule == nil else {
        throw ValidationError("--group goes with --schedule interleaved")
      }
      return .interleaved(groupSize: group)
    }
    switch options.schedule {
    case .gpipe: return .gpipe
    case .loopedBreadthFirst: return .breadthFirst
    case .interleaved:
      guard plan.virtualPipeline > 1 else {
        throw ValidationError("--schedule interleaved needs VPP in the plan, e.g. TP4-PP2-VPP2")
      }
      return .interleaved(groupSize: plan.pipeline)
    case .oneForwardOneBackward: return .oneForwardOneBackward
    case nil: return megatron?.schedule ?? .oneForwardOneBackward
    }
  }
}

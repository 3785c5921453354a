import Graph
import Model
import Parallelism
import Units

/// The sizes that every expectation is computed from, of one microbatch on one rank.
struct StepSizes {
  let model: TransformerModel
  let plan: ParallelPlan
  let configuration: StepConfiguration
  let grid: RankGrid

  init(model: TransformerModel, plan: ParallelPlan, configuration: StepConfiguration) {
    self.model = model
    self.plan = plan
    self.configuration = configuration
    let cuts = configuration.axisCuts(of: plan)
    grid = RankGrid(plan, cuts: cuts.fit(plan) ? cuts : AxisCuts())
  }

  /// Multi-token-prediction modules that are trained.
  var predictionModules: Int {
    isTraining && configuration.multiTokenPrediction ? model.multiTokenPredictionLayers : 0
  }

  /// Layers of the model and of its prediction modules.
  var layerCount: Int { model.layers.count + predictionModules }

  var isTraining: Bool { configuration.phase == .train }

  /// Whether experts' gradients are reduced over other ranks than all others'.
  var hasExpertBuffer: Bool { plan.expert > 1 || plan.expertTensor != plan.tensor }

  /// Copies of the model in one pipeline: with two, the mirrored stage has the same parameters.
  var copies: Int { configuration.copies }

  /// Ranks that hold the same parameters: replicas of a stage, and of the mirrored one.
  func replicas(ofExperts isExpert: Bool) -> Int {
    copies * size(of: isExpert ? .expertData : .dataContext)
  }

  /// Whether shards have copies, in other instances of the optimizer or in mirrored stages.
  private var copiesShards: Bool {
    let degree = configuration.shardingDegree
    return configuration.sharding.shardsOptimizer
      && (grid.cuts.instances > 1 || (copies > 1 && degree != nil))
  }

  /// The ranks over which ZeRO splits: all replicas, or part of them where sharding is hybrid.
  func shardFamily(ofExperts isExpert: Bool) -> GroupFamily {
    if copiesShards { return isExpert ? .expertShard : .shard }
    if copies > 1 { return isExpert ? .mirrorExpertData : .mirrorDataContext }
    return isExpert ? .expertData : .dataContext
  }

  /// The ranks that hold the same shard; nil where sharding is not hybrid.
  func copyFamily(ofExperts isExpert: Bool) -> GroupFamily? {
    guard copiesShards else { return nil }
    if copies > 1 { return isExpert ? .mirrorExpertReplica : .mirrorReplica }
    return isExpert ? .expertReplica : .replica
  }

  /// Tokens of one microbatch on one tensor-parallel group, after the split over CP.
  var tokens: Int {
    configuration.phase == .decode
      ? configuration.microBatchSize
      : configuration.sequenceLength * configuration.microBatchSize / plan.context
  }

  /// Tokens on one rank where the sequence is sharded.
  var shardTokens: Int { plan.sequenceParallel ? share(tokens, of: plan.tensor) : tokens }

  /// Bytes of one element of an activation.
  var width: Int { configuration.format.width }

  /// Bytes of the residual stream of all tokens of the tensor-parallel group.
  var streamBytes: Int { tokens * model.hiddenSize * width }

  /// Bytes of the residual stream that one rank holds, which is what it sends to the next stage.
  var shardBytes: Int { shardTokens * model.hiddenSize * width }

  func size(of family: GroupFamily) -> Int { grid.size(of: family) }

  /// A collective, unless the group has one member or there is none.
  func collective(
    _ operation: CollectiveOperation, over family: GroupFamily?, in input: Int?, out: Int?
  ) -> ExpectedCollective? {
    guard let family, size(of: family) > 1 else { return nil }
    return ExpectedCollective(operation, over: family, in: input, out: out)
  }

  /// The all-gather of the residual stream in front of a column-parallel product.
  var tensorGather: (forward: ExpectedCollective?, backward: ExpectedCollective?) {
    gather(width: model.hiddenSize)
  }

  /// The all-gather in front of a column-parallel product whose input is so wide; without sequence
  /// parallelism it vanishes and its dual is an all-reduce.
  func gather(width columns: Int) -> (forward: ExpectedCollective?, backward: ExpectedCollective?) {
    let whole = tokens * columns * width
    if plan.sequenceParallel {
      let gather = collective(
        .allGather, over: .tensor, in: shardTokens * columns * width, out: whole)
      return (gather, gather?.dual)
    }
    return (nil, collective(.allReduce, over: .tensor, in: whole, out: whole))
  }

  /// The reduction behind a row-parallel product: a reduce-scatter with sequence parallelism, else an
  /// all-reduce whose backward is free.
  var tensorScatter: (forward: ExpectedCollective?, backward: ExpectedCollective?) {
    if plan.sequenceParallel {
      let scatter = collective(.reduceScatter, over: .tensor, in: streamBytes, out: shardBytes)
      return (scatter, scatter?.dual)
    }
    return (collective(.allReduce, over: .tensor, in: streamBytes, out: streamBytes), nil)
  }
}

/// The largest part of an amount split as evenly as it goes.
func share(_ amount: Int, of parts: Int) -> Int { (amount + parts - 1) / parts }

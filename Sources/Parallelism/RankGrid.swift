/// The two rank grids of a plan: who sits where, and who meets whom, as arithmetic.
///
/// With the default order, `rank = tp + TP·(cp + CP·(dp + DP·pp))` on the dense grid and
/// `rank = etp + ETP·(ep + EP·(edp + EDP·pp))` on the expert grid.
///
/// - SeeAlso: Megatron-LM, `megatron/core/parallel_state.py`, `RankGenerator`.
public struct RankGrid: Hashable, Sendable {
  public let plan: ParallelPlan
  /// How axes are cut further by options of a step.
  public let cuts: AxisCuts

  /// - Precondition: the cuts fit the plan (`AxisCuts.fit`).
  public init(_ plan: ParallelPlan, cuts: AxisCuts = AxisCuts()) {
    precondition(cuts.fit(plan), "the cuts do not divide the axes of the plan")
    self.plan = plan
    self.cuts = cuts
  }

  public var worldSize: Int { plan.worldSize }

  /// Distance between neighbouring pipeline ranks.
  public var pipelineStride: Int {
    switch plan.rankOrder {
    case .pipelineLast: plan.stageSize
    case .dataLast: plan.tensor * plan.context
    }
  }

  /// The pipeline coordinate of a rank.
  public func pipelineRank(of rank: Int) -> Int { rank / pipelineStride % plan.pipeline }

  /// The rank with the same other coordinates in another pipeline stage.
  public func rank(_ rank: Int, movedToStage stage: Int) -> Int {
    rank + (stage - pipelineRank(of: rank)) * pipelineStride
  }

  /// The dense coordinates of a rank.
  public func denseCoordinates(of rank: Int) -> DenseCoordinates {
    let dataStride = self.dataStride
    return DenseCoordinates(
      tensor: rank % plan.tensor, context: rank / plan.tensor % plan.context,
      data: rank / dataStride % plan.data, pipeline: pipelineRank(of: rank))
  }

  /// The expert coordinates of a rank.
  public func expertCoordinates(of rank: Int) -> ExpertCoordinates {
    ExpertCoordinates(
      expertTensor: rank % plan.expertTensor, expert: rank / plan.expertTensor % plan.expert,
      expertData: rank / expertDataStride % plan.expertData, pipeline: pipelineRank(of: rank))
  }

  /// The axes that vary inside a group, fastest first; of a mirrored family, on the grid whose
  /// upper half of stages is folded onto the lower one.
  public func axes(of family: GroupFamily) -> [RankGroup.Axis] {
    let tensor = RankGroup.Axis(size: plan.tensor, stride: 1)
    let context = RankGroup.Axis(size: plan.context, stride: plan.tensor)
    let data = RankGroup.Axis(size: plan.data, stride: dataStride)
    let pipeline = RankGroup.Axis(size: plan.pipeline, stride: pipelineStride)
    let expertTensor = RankGroup.Axis(size: plan.expertTensor, stride: 1)
    let expert = RankGroup.Axis(size: plan.expert, stride: plan.expertTensor)
    let expertData = RankGroup.Axis(size: plan.expertData, stride: expertDataStride)
    // Nobody mirrors the middle of an odd number of stages.
    let mirror = RankGroup.Axis(
      size: plan.pipeline % 2 == 0 ? 2 : 1, stride: plan.pipeline / 2 * pipelineStride)
    let axes: [RankGroup.Axis] =
      switch family {
      case .tensor: [tensor]
      case .context: [context]
      case .tensorContext: [tensor, context]
      case .data: [data]
      case .dataContext: [context, data]
      case .pipeline: [pipeline]
      case .tensorPipeline: [tensor, pipeline]
      case .stage: [tensor, context, data]
      case .expert: [expert]
      case .expertTensor: [expertTensor]
      case .expertTensorExpert: [expertTensor, expert]
      case .expertData: [expertData]
      case .expertTensorExpertPipeline: [expertTensor, expert, pipeline]
      case .embedding:
        [.init(size: min(2, plan.pipeline), stride: (plan.pipeline - 1) * pipelineStride)]
      case .world: [tensor, context, data, pipeline]
      case .shard: cut([context, data], at: size(ofShardsIn: plan.context * plan.data)).inner
      case .replica: cut([context, data], at: size(ofShardsIn: plan.context * plan.data)).outer
      case .expertShard: cut([expertData], at: size(ofShardsIn: plan.expertData)).inner
      case .expertReplica: cut([expertData], at: size(ofShardsIn: plan.expertData)).outer
      case .contextInner: cut([context], at: cuts.contextInner).inner
      case .contextOuter: cut([context], at: cuts.contextInner).outer
      case .mirrorDataContext, .mirrorExpertData, .mirrorReplica, .mirrorExpertReplica:
        self.axes(of: family.unmirrored) + [mirror]
      }
    return axes.sorted { $0.stride < $1.stride }.filter { $0.size > 1 }
  }

  /// The number of members of each group of a family.
  public func size(of family: GroupFamily) -> Int {
    axes(of: family).reduce(1) { $0 * $1.size }
  }

  /// The group of a family that holds a rank.
  ///
  /// - Precondition: for `.embedding`, the rank is in the first or last stage.
  public func group(_ family: GroupFamily, containing rank: Int) -> RankGroup {
    let axes = self.axes(of: family)
    if family == .embedding {
      return RankGroup(base: self.rank(rank, movedToStage: 0), axes: axes)
    }
    if family.isMirrored { return mirroredGroup(family.unmirrored, containing: rank) }
    let base = axes.reduce(rank) { $0 - rank / $1.stride % $1.size * $1.stride }
    return RankGroup(base: base, axes: axes)
  }

  /// A group of one stage and its counterpart in the mirrored stage.
  private func mirroredGroup(_ family: GroupFamily, containing rank: Int) -> RankGroup {
    let group = group(family, containing: folded(rank))
    guard plan.pipeline % 2 == 0 else { return group }
    let distance = plan.pipeline - 1 - 2 * pipelineRank(of: group.base)
    let mirror = RankGroup.Axis(size: 2, stride: distance * pipelineStride)
    return RankGroup(
      base: group.base, axes: (group.axes + [mirror]).sorted { $0.stride < $1.stride })
  }

  /// The rank in the lower half of the stages that is a rank's mirror image, or the rank itself.
  func folded(_ rank: Int) -> Int {
    guard plan.pipeline % 2 == 0 else { return rank }
    let stage = pipelineRank(of: rank)
    return self.rank(rank, movedToStage: min(stage, plan.pipeline - 1 - stage))
  }

  /// All groups of a family, ordered by their lowest rank.
  public func groups(_ family: GroupFamily) -> [RankGroup] {
    var groups: [RankGroup] = []
    for rank in 0..<worldSize {
      if family == .embedding {
        let stage = pipelineRank(of: rank)
        guard stage == 0 || stage == plan.pipeline - 1 else { continue }
      }
      let group = group(family, containing: rank)
      if group.base == rank { groups.append(group) }
    }
    return groups
  }

  /// Members of a shard group among a number of replicas.
  private func size(ofShardsIn replicas: Int) -> Int { replicas / cuts.instances }

  private var dataStride: Int {
    plan.tensor * plan.context * (plan.rankOrder == .dataLast ? plan.pipeline : 1)
  }

  private var expertDataStride: Int {
    plan.expertTensor * plan.expert * (plan.rankOrder == .dataLast ? plan.pipeline : 1)
  }
}

/// Where a rank sits on the dense grid.
public struct DenseCoordinates: Hashable, Sendable {
  public let tensor, context, data, pipeline: Int
}

/// Where a rank sits on the expert grid.
public struct ExpertCoordinates: Hashable, Sendable {
  public let expertTensor, expert, expertData, pipeline: Int
}

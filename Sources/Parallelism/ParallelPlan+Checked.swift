extension ParallelPlan {
  /// A plan from degrees that nobody has checked yet.
  ///
  /// - Parameters:
  ///   - expertTensor: TP if nil, Megatron's default.
  ///   - data: the dense data-parallel degree.
  /// - Throws: `PlanError` if a degree is below 1, the world exceeds 2²⁰ ranks, `ETP · EP` does not
  ///   divide `TP · CP · DP`, or the rank order tears the pipeline groups of the two grids apart.
  public init(
    checkingTensor tensor: Int, context: Int = 1, pipeline: Int = 1, virtualPipeline: Int = 1,
    expert: Int = 1, expertTensor: Int? = nil, data: Int = 1, sequenceParallel: Bool? = nil,
    rankOrder: RankOrder = .pipelineLast
  ) throws(PlanError) {
    let expertTensor = expertTensor ?? tensor
    let degrees: [(PlanAxis, Int)] = [
      (.tensor, tensor), (.context, context), (.pipeline, pipeline),
      (.virtualPipeline, virtualPipeline), (.expert, expert), (.expertTensor, expertTensor),
      (.data, data),
    ]
    for (axis, degree) in degrees where degree < 1 {
      throw .notPositive(axis: axis, degree: degree)
    }
    let stage = saturatingProduct([tensor, context, data])
    guard saturatingProduct([stage, pipeline]) <= PlanNotation.limit else { throw .worldTooLarge }
    guard stage % saturatingProduct([expertTensor, expert]) == 0 else {
      throw .expertsDoNotFold(
        expert: expert, expertTensor: expertTensor, tensor: tensor, context: context, data: data)
    }
    let expertData = stage / (expertTensor * expert)
    if rankOrder == .dataLast, pipeline > 1, expertData != data {
      throw .pipelineGroupsDiffer(data: data, expertData: expertData)
    }
    self.init(
      tensor: tensor, context: context, pipeline: pipeline, virtualPipeline: virtualPipeline,
      expert: expert, expertTensor: expertTensor, data: data, sequenceParallel: sequenceParallel,
      rankOrder: rankOrder)
  }
}

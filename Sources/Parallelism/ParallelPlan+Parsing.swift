extension ParallelPlan {
  /// Reads a plan such as `EP8-TP4-PP2-DP4`, `tp4pp2ep8dp4` or `TP4 PP2 DP32 EP8 ETP4 EDP4`.
  ///
  /// Axes come in any order and case, with or without separators. What `DP` means:
  ///
  /// - with `EDP` written, DP is Megatron's dense degree, and both grids must agree;
  /// - otherwise the plan is a product of axes, `GPUs = TP·CP·PP·EP·DP`, and the dense degree is
  ///   `EP·DP`, unless a given number of GPUs fits only Megatron's `TP·CP·PP·DP`;
  /// - without `DP`, the dense degree follows from the GPUs, or DP is 1.
  ///
  /// ETP is TP unless written.
  ///
  /// - Parameters:
  ///   - gpus: the number of ranks, if known.
  ///   - sequenceParallel: whether SP is on; by default it is wherever TP is above 1.
  /// - Throws: `PlanError`, with the position of a misspelling or the nearest legal degrees.
  public init(parsing text: String, gpus: Int? = nil, sequenceParallel: Bool? = nil)
    throws(PlanError)
  {
    let notation = try PlanNotation(text)
    if let gpus, gpus < 1 { throw .noGPUs(count: gpus) }
    if let written = notation.sequenceParallel, let asked = sequenceParallel, written != asked {
      throw .sequenceParallelContradicted(written: written)
    }
    try self.init(
      checkingTensor: notation.degree(.tensor), context: notation.degree(.context),
      pipeline: notation.degree(.pipeline), virtualPipeline: notation.degree(.virtualPipeline),
      expert: notation.degree(.expert), expertTensor: notation.degrees[.expertTensor],
      data: notation.denseData(gpus: gpus),
      sequenceParallel: notation.sequenceParallel ?? sequenceParallel,
      rankOrder: notation.rankOrder)
  }
}

extension PlanNotation {
  /// The written degree of an axis, or 1.
  fileprivate func degree(_ axis: PlanAxis) -> Int { degrees[axis] ?? 1 }

  /// The dense data-parallel degree that the written one stands for.
  fileprivate func denseData(gpus: Int?) throws(PlanError) -> Int {
    if let expertData = degrees[.expertData] {
      return try denseData(expertData: expertData, gpus: gpus)
    }
    if let data = degrees[.data] { return try denseData(written: data, gpus: gpus) }
    guard let gpus else { return degree(.expert) }
    return try denseData(filling: gpus)
  }

  private func denseData(filling gpus: Int) throws(PlanError) -> Int {
    let replica = saturatingProduct([degree(.tensor), degree(.context), degree(.pipeline)])
    guard gpus % replica == 0 else {
      throw .gpusNotMultiple(
        gpus: gpus, tensor: degree(.tensor), context: degree(.context),
        pipeline: degree(.pipeline))
    }
    return gpus / replica
  }

  private func denseData(written data: Int, gpus: Int?) throws(PlanError) -> Int {
    let readings = PlanReadings(
      tensor: degree(.tensor), context: degree(.context), pipeline: degree(.pipeline),
      expert: degree(.expert), data: data)
    guard let gpus, gpus != readings.product else { return data * degree(.expert) }
    guard gpus == readings.megatron else { throw .gpusDisagree(readings, gpus: gpus) }
    return data
  }

  private func denseData(expertData: Int, gpus: Int?) throws(PlanError) -> Int {
    let grids = PlanGrids(
      tensor: degree(.tensor), context: degree(.context), data: degrees[.data],
      expertTensor: degrees[.expertTensor] ?? degree(.tensor),
      writesExpertTensor: degrees[.expertTensor] != nil, expert: degree(.expert),
      expertData: expertData)
    guard grids.experts <= Self.limit, grids.dense <= Self.limit else { throw .worldTooLarge }
    let agree =
      grids.data == nil ? grids.experts % grids.dense == 0 : grids.experts == grids.dense
    guard agree else { throw .gridsDisagree(grids) }
    let world = saturatingProduct([grids.experts, degree(.pipeline)])
    if let gpus, gpus != world { throw .worldDisagrees(world: world, gpus: gpus) }
    return grids.data ?? grids.experts / grids.dense
  }
}

extension ParallelPlan {
  /// Everything that keeps this plan from running a model and a step, in a fixed order.
  ///
  /// Key/value heads fewer than TP are legal where TP is a multiple of them: each head is then
  /// replicated on `TP / kvHeads` ranks, as Megatron does. EP may exceed DP: experts fold over the
  /// tensor, context and data ranks of a stage.
  ///
  /// - Returns: the violations; empty if the plan is legal.
  public func check(_ needs: PlanRequirements) -> [PlanViolation] {
    let absent = needs.counts.compactMap { number in
      number.count.flatMap {
        $0 < 1 ? PlanViolation.notPositive(name: number.name, count: $0) : nil
      }
    }
    guard absent.isEmpty else { return absent }
    return modelViolations(needs) + expertViolations(needs) + pipelineViolations(needs)
      + sequenceViolations(needs)
  }

  /// What a legal plan does that a reader may not expect, in words.
  public func remarks(_ needs: PlanRequirements) -> [String] {
    var remarks: [String] = []
    if let kvHeads = needs.kvHeads, tensor > kvHeads, tensor % kvHeads == 0 {
      remarks.append(
        "\(kvHeads) KV heads are fewer than TP\(tensor): each is replicated on "
          + "\(tensor / kvHeads) tensor ranks")
    }
    if expert > data {
      remarks.append(
        "EP\(expert) exceeds DP\(data): experts fold over tensor, context and data ranks of a stage"
      )
    }
    return remarks
  }

  private func modelViolations(_ needs: PlanRequirements) -> [PlanViolation] {
    var violations = cuts(needs.heads, .heads, .tensor, tensor)
    if let kvHeads = needs.kvHeads, kvHeads % tensor != 0, tensor % kvHeads != 0 {
      violations.append(.kvHeadsUneven(kvHeads: kvHeads, tensor: tensor))
    }
    return violations + cuts(needs.feedForward, .feedForward, .tensor, tensor)
      + cuts(needs.paddedVocabulary, .paddedVocabulary, .tensor, tensor)
  }

  private func expertViolations(_ needs: PlanRequirements) -> [PlanViolation] {
    guard let experts = needs.experts else {
      return expert > 1 ? [.noExperts(expert: expert)] : []
    }
    var violations =
      cuts(experts, .experts, .expert, expert)
      + cuts(needs.expertFeedForward, .expertFeedForward, .expertTensor, expertTensor)
    if needs.training, tensor > 1, !sequenceParallel {
      violations.append(.expertsWithoutSequenceParallel(tensor: tensor))
    }
    return violations
  }

  private func pipelineViolations(_ needs: PlanRequirements) -> [PlanViolation] {
    var violations = layoutViolations(needs)
    if virtualPipeline > 1, pipeline == 1 {
      violations.append(.virtualWithoutPipeline(virtualPipeline: virtualPipeline))
    }
    if rankOrder == .dataLast, pipeline > 1, expertData != data {
      violations.append(.pipelineGroupsDiffer(data: data, expertData: expertData))
    }
    return violations + batchViolations(needs)
  }

  private func layoutViolations(_ needs: PlanRequirements) -> [PlanViolation] {
    guard let layers = needs.layers else { return [] }
    do throws(LayoutError) {
      _ = try needs.layout.layers(count: layers, ranks: pipeline, chunks: virtualPipeline)
      return []
    } catch {
      guard needs.layout == .even else { return [.layout(error)] }
      return [.layersUneven(layers: layers, pipeline: pipeline, virtualPipeline: virtualPipeline)]
    }
  }

  private func batchViolations(_ needs: PlanRequirements) -> [PlanViolation] {
    guard let microBatch = needs.microBatchSize, let globalBatch = needs.globalBatchSize else {
      return []
    }
    let perMicrobatch = saturatingProduct([microBatch, data])
    guard globalBatch % perMicrobatch == 0 else {
      return [.batchUneven(globalBatch: globalBatch, microBatch: microBatch, data: data)]
    }
    guard let schedule = needs.schedule, virtualPipeline == 1 || pipeline > 1 else { return [] }
    do throws(ScheduleError) {
      try schedule.check(
        ranks: pipeline, chunks: virtualPipeline, microbatches: globalBatch / perMicrobatch)
      if needs.overlapsExperts {
        try schedule.checkOverlap(ranks: pipeline, chunks: virtualPipeline)
      }
      return []
    } catch {
      return [.schedule(error)]
    }
  }

  private func sequenceViolations(_ needs: PlanRequirements) -> [PlanViolation] {
    guard let length = needs.sequenceLength else { return [] }
    var violations: [PlanViolation] = []
    let chunks = context == 1 ? 1 : needs.causal ? 2 * context : context
    if length % chunks != 0 {
      violations.append(
        .contextUneven(sequenceLength: length, context: context, chunks: chunks))
    }
    if sequenceParallel, length % (tensor * context) != 0 {
      violations.append(.sequenceUneven(sequenceLength: length, context: context, tensor: tensor))
    }
    return violations
  }

  private func cuts(_ count: Int?, _ dimension: PlanDimension, _ axis: PlanAxis, _ degree: Int)
    -> [PlanViolation]
  {
    guard let count, count % degree != 0 else { return [] }
    return [.unevenCut(dimension: dimension, count: count, axis: axis, degree: degree)]
  }
}

import Graph
import Model
import Parallelism
import Units

/// What closes a training step: the remaining reductions, agreement, the optimizer and reports.
///
/// - SeeAlso: Megatron-LM, `finalize_model_grads.py`, `distrib_optimizer.py`, `training.py`.
struct StepEnd {
  /// The operations that the close of the step waits for.
  struct Inputs {
    /// Reductions of gradient buckets, or the last gradients where nothing is reduced.
    let gradients: [Int32]
    /// The last loss; nil on ranks without the head.
    let loss: Int32?

    init(_ builder: ProgramBuilder) {
      var reductions: [Int32] = []
      var loss: Int32?
      var lastGradient: Int32?
      for index in builder.operations.indices.reversed() {
        let operation = builder.operations[index]
        switch (operation.kind, operation.pass) {
        case (.gradientReduce, _), (.expertGradientReduce, _): reductions.append(Int32(index))
        case (.loss, .forward): loss = loss ?? Int32(index)
        case (_, .weightGradient) where operation.stream == .compute:
          lastGradient = lastGradient ?? Int32(index)
        case (_, .inputGradient) where operation.stream == .compute:
          lastGradient = lastGradient ?? Int32(index)
        default: break
        }
      }
      gradients = reductions.reversed() + (lastGradient.map { [$0] } ?? [])
      self.loss = loss
    }
  }

  let shape: LocalShape
  let pipelineRank: Int
  let isLastRank: Bool
  let shards: [ParameterShard]
  /// Whether the first and the last stage are on different ranks.
  let duplicatesEmbedding: Bool

  private var plan: ParallelPlan { shape.plan }

  /// Appends the operations; `gather` places the parameter gathers behind the optimizer.
  func append(
    to builder: inout ProgramBuilder, after inputs: Inputs, in works: inout WorkTable,
    gather: (inout ProgramBuilder, Int32, inout WorkTable) -> Void
  ) {
    var ready = inputs.gradients
    let replicated = shards.filter(\.isSequenceReplicated).reduce(0) { $0 + $1.elements }
    if replicated > 0 {
      let operation = reduce(.sequenceGradientReduce, .tensor, Bytes(4 * replicated), &works)
      ready = [builder.append(operation, after: ready)]
    }
    if reducesEmbedding {
      let elements = divided(shape.model.vocabularySize, by: plan.tensor) * shape.hidden
      let operation = reduce(.embeddingGradientReduce, .embedding, Bytes(4 * elements), &works)
      ready = [builder.append(operation, after: ready)]
    }
    // Shards of the optimizer add up over all ranks; whole copies over one replica's ranks.
    let norm: GroupFamily = shape.configuration.sharding.shardsOptimizer ? .world : .tensorPipeline
    if RankGrid(plan).size(of: norm) > 1 {
      ready = [builder.append(reduce(.gradientNormReduce, norm, Bytes(4), &works), after: ready)]
    }
    let updated = OptimizerWork(shape: shape, shards: shards)
    let onDevice = builder.append(
      Operation(
        kind: .optimizer, pass: .step, stream: .compute,
        work: works.number(of: updated.onDevice)), after: ready)
    var optimizer = onDevice
    var needed = ready
    for part in updated.onHost {
      if part.kind == .parameterReload { needed.append(onDevice) }
      optimizer = builder.append(
        Operation(
          kind: part.kind, pass: .step, stream: part.stream, work: works.number(of: part.work)),
        after: needed)
      needed = [optimizer]
    }
    gather(&builder, optimizer, &works)
    if plan.tensor * plan.pipeline > 1 {
      for kind in [OperationKind.successFlagReduce, .gradientNormFlagReduce] {
        builder.append(reduce(kind, .tensorPipeline, Bytes(4), &works), after: [optimizer])
      }
    }
    // Where the pipeline holds two copies of the model, both have a loss to report.
    let copies = shape.configuration.copies
    if let loss = inputs.loss, isLastRank, plan.data * plan.context * copies > 1 {
      let family: GroupFamily = copies > 1 ? .mirrorDataContext : .dataContext
      builder.append(reduce(.lossReportReduce, family, Bytes(8), &works), after: [loss])
    }
  }

  private func reduce(
    _ kind: OperationKind, _ family: GroupFamily, _ bytes: Bytes, _ works: inout WorkTable
  ) -> Operation {
    let collective = Collective(.allReduce, over: family, input: bytes, output: bytes)
    return Operation(
      kind: kind, pass: .step, stream: family.stream, meeting: .collective(family),
      work: works.number(of: .collective(collective)))
  }

  /// Whether this rank holds one of two copies of a tied embedding.
  private var reducesEmbedding: Bool {
    duplicatesEmbedding
      && (shape.model.tiesEmbeddings || shape.predictionModules > 0)
      && (pipelineRank == 0 || pipelineRank == plan.pipeline - 1)
  }
}

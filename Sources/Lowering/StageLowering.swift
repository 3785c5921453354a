import Graph
import Model
import Parallelism
import Units

/// Lowers one pipeline rank: its chunks' tapes, then its program along the pipeline order.
struct StageLowering {
  let shape: LocalShape
  let pipelineRank: Int
  let order: PipelineOrder
  let chunks: [ChunkOperations]
  private let shards: [ParameterShard]
  let synchronization: GradientSynchronization

  init(
    _ shape: LocalShape, pipelineRank: Int, order: PipelineOrder, layers: [Range<Int>],
    recomputation: RecomputationPolicy
  ) {
    self.shape = shape
    self.pipelineRank = pipelineRank
    self.order = order
    let stages = (0..<order.chunks).map { order.stage(rank: pipelineRank, chunk: $0) }
    var parameters = ParameterList(plan: shape.plan)
    chunks = stages.enumerated().map { chunk, stage in
      let previous = order.previousRank(rank: pipelineRank, chunk: chunk)
      let next = order.nextRank(rank: pipelineRank, chunk: chunk)
      parameters.chunk = chunk
      var lowering = ChunkLowering(shape, parameters: parameters)
      lowering.lower(
        layers[stage], from: previous.map { $0 == pipelineRank ? .sameRank : .otherRank },
        to: next.map { $0 == pipelineRank ? .sameRank : .otherRank },
        holdsEmbedding: stages.contains(0))
      parameters = lowering.parameters
      let tape = lowering.tape.withStepOptions(shape)
      return ChunkOperations(
        tape: tape, chunk: chunk, layers: layers[stage], previousRank: previous,
        nextRank: next, recomputed: recomputation.units(of: tape))
    }
    shards = parameters.shards
    synchronization = GradientSynchronization(
      of: shards, stages: stages,
      sharesEmbedding: (shape.model.tiesEmbeddings || shape.predictionModules > 0)
        && order.endsWithHead(onRank: pipelineRank), plan: shape.plan,
      configuration: shape.configuration)
  }

  /// The program, its works added to the table.
  func program(in works: inout WorkTable) -> StageProgram {
    let configuration = shape.configuration
    var builder = ProgramBuilder(
      chunks: order.chunks, microbatches: order.microbatches,
      blocksOnMessages: !configuration.overlapsMessages)
    let gathersFirst = shape.trains && configuration.overlapsParameterGather
    var gathers: [Int: Int32] = [:]
    if gathersFirst { gathers = appendGathers(to: &builder, after: [], in: &works) }
    let ends = appendSlots(to: &builder, gathers: gathers, in: &works)
    if shape.trains {
      StepEnd(
        shape: shape, pipelineRank: pipelineRank, isLastRank: holdsLoss, shards: shards,
        duplicatesEmbedding: !order.hasRankOfBothEnds
      ).append(to: &builder, after: ends, in: &works) { builder, optimizer, works in
        if !gathersFirst { _ = appendGathers(to: &builder, after: [optimizer], in: &works) }
      }
    }
    let program = StageProgram(
      pipelineRank: pipelineRank, operations: builder.operations,
      dependencyStart: builder.dependencyStart, dependencies: builder.dependencies,
      storage: storage)
    return program.withStepOptions(shape, chunks: order.chunks, in: &works)
  }

  private var holdsLoss: Bool { chunks.contains { $0.nextRank == nil } }

  private var storage: StageStorage {
    let kept = chunks.map { $0.kept(shape) }
    return StageStorage(
      parameters: shards, activations: kept.flatMap(\.activations),
      weightOperands: kept.flatMap(\.operands),
      recomputed: chunks.flatMap { $0.recomputedActivations(shape) })
  }

  /// Gathers updated parameters; returns the gather of each parameter.
  private func appendGathers(
    to builder: inout ProgramBuilder, after needed: [Int32], in works: inout WorkTable
  ) -> [Int: Int32] {
    var gathers: [Int: Int32] = [:]
    for gather in synchronization.gathers() {
      let operation = Operation(
        kind: gather.kind, pass: .step, stream: gather.collective.family.stream,
        meeting: .collective(gather.collective.family), chunk: gather.chunk,
        work: works.number(of: .collective(gather.collective)))
      let index = builder.append(operation, after: needed)
      for member in gather.members { gathers[member] = index }
    }
    return gathers
  }
}

extension PipelineOrder {
  /// Whether one rank holds the first and the last stage of the model.
  fileprivate var hasRankOfBothEnds: Bool {
    let home = rank(ofStage: 0, microbatch: 0)
    return (0..<chunks).contains { stage(rank: home, chunk: $0) == stages - 1 }
  }

  /// Whether a rank that holds the embedding holds the head in another chunk, and adds to the head's
  /// gradients last.
  fileprivate func endsWithHead(onRank rank: Int) -> Bool {
    func lastAddition(ofStage end: Int) -> Int? {
      slots[rank].lastIndex {
        $0.pass.addsToWeights && stage(rank: rank, chunk: $0.chunk) == end
      }
    }
    guard let embedding = lastAddition(ofStage: 0), let head = lastAddition(ofStage: stages - 1)
    else { return false }
    return head > embedding
  }
}

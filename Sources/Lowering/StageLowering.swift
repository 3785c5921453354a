import Graph
import Model
import Parallelism
import Units

/// Lowers one pipeline rank: its chunks' tapes, then its program along the pipeline order.
struct StageLowering {
  let shape: LocalShape
  let pipelineRank: Int
  let order: PipelineOrder
  private let chunks: [ChunkOperations]
  private let shards: [ParameterShard]
  private let synchronization: GradientSynchronization

  init(_ shape: LocalShape, pipelineRank: Int, order: PipelineOrder, layers: [Range<Int>]) {
    self.shape = shape
    self.pipelineRank = pipelineRank
    self.order = order
    var parameters = ParameterList(plan: shape.plan)
    chunks = (0..<order.chunks).map { chunk in
      let stage = order.stage(rank: pipelineRank, chunk: chunk)
      let last = order.ranks * order.chunks - 1
      parameters.chunk = chunk
      var lowering = ChunkLowering(shape, parameters: parameters)
      lowering.lower(layers[stage], isFirstStage: stage == 0, isLastStage: stage == last)
      parameters = lowering.parameters
      return ChunkOperations(
        tape: lowering.tape, chunk: chunk,
        previousRank: stage > 0 ? (stage - 1) % order.ranks : nil,
        nextRank: stage < last ? (stage + 1) % order.ranks : nil)
    }
    shards = parameters.shards
    synchronization = GradientSynchronization(
      of: shards, pipelineRank: pipelineRank, plan: shape.plan,
      configuration: shape.configuration)
  }

  /// The program, its works added to the table.
  func program(in works: inout WorkTable) -> StageProgram {
    var builder = ProgramBuilder(chunks: order.chunks)
    let configuration = shape.configuration
    let gathersFirst = shape.trains && configuration.overlapsParameterGather
    var gathers: [Int: Int32] = [:]
    if gathersFirst { gathers = appendGathers(to: &builder, after: [], in: &works) }
    let ends = appendSlots(to: &builder, gathers: gathers, in: &works)
    if shape.trains {
      StepEnd(
        shape: shape, pipelineRank: pipelineRank, isLastRank: holdsLoss, shards: shards
      ).append(to: &builder, after: ends, in: &works) { builder, optimizer, works in
        if !gathersFirst { _ = appendGathers(to: &builder, after: [optimizer], in: &works) }
      }
    }
    return StageProgram(
      pipelineRank: pipelineRank, operations: builder.operations,
      dependencyStart: builder.dependencyStart, dependencies: builder.dependencies,
      storage: StageStorage(parameters: shards, activations: savedActivations))
  }

  private var holdsLoss: Bool { chunks.contains { $0.nextRank == nil } }

  private var savedActivations: [SavedActivation] {
    chunks.flatMap { chunk in
      chunk.tape.nodes.filter { $0.saved.count > 0 }.map {
        SavedActivation(owner: $0.kind, layer: $0.layer, chunk: chunk.chunk, bytes: $0.saved)
      }
    }
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

  /// Stamps every slot; returns the operations that end the gradients and the loss.
  private func appendSlots(
    to builder: inout ProgramBuilder, gathers: [Int: Int32], in works: inout WorkTable
  ) -> StepEnd.Inputs {
    let forward = chunks.map { $0.forward(in: &works) }
    let firstForward =
      gathers.isEmpty ? forward : chunks.map { $0.forward(in: &works, gathers: gathers) }
    let backward = shape.trains ? chunks.map { $0.backward(in: &works) } : []
    let lastBackward =
      shape.trains
      ? chunks.map {
        $0.backward(in: &works, reductions: synchronization.reductions(ofChunk: $0.chunk))
      } : []
    let slots = order.slots[pipelineRank]
    reserve(&builder, slots, forward, backward)
    var isFirst = [Bool](repeating: true, count: chunks.count)
    var backwardsLeft = [Int](repeating: 0, count: chunks.count)
    for slot in slots where slot.pass != .forward { backwardsLeft[slot.chunk] += 1 }
    var twins = [[Int32]](
      repeating: [Int32](repeating: -1, count: order.microbatches), count: chunks.count)
    for slot in slots {
      let chunk = slot.chunk
      if slot.pass == .forward {
        let block = isFirst[chunk] ? firstForward[chunk] : forward[chunk]
        isFirst[chunk] = false
        builder.stamp(block, chunk: chunk, microbatch: slot.microbatch, twin: nil)
        twins[chunk][slot.microbatch] = Int32(builder.count - 1)
      } else {
        backwardsLeft[chunk] -= 1
        let block = backwardsLeft[chunk] == 0 ? lastBackward[chunk] : backward[chunk]
        builder.stamp(
          block, chunk: chunk, microbatch: slot.microbatch, twin: twins[chunk][slot.microbatch])
      }
    }
    return StepEnd.Inputs(builder)
  }

  private func reserve(
    _ builder: inout ProgramBuilder, _ slots: [Slot], _ forward: [Block], _ backward: [Block]
  ) {
    var count = 64
    var needed = 64
    for slot in slots {
      let block = slot.pass == .forward ? forward[slot.chunk] : backward[slot.chunk]
      count += block.operations.count
      needed += block.dependencies.count
    }
    builder.reserve(operations: count, dependencies: needed)
  }
}

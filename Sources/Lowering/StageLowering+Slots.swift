import Graph
import Parallelism

extension StageLowering {
  /// Stamps every slot; returns the operations that end the gradients and the loss.
  func appendSlots(
    to builder: inout ProgramBuilder, gathers: [Int: Int32], in works: inout WorkTable
  ) -> StepEnd.Inputs {
    let slots = order.slots[pipelineRank]
    let forward = forwards(in: &works)
    let firstForward = gathers.isEmpty ? forward : forwards(in: &works, gathers: gathers)
    let backward = shape.trains ? backwards(in: &works) : []
    let lastBackward = shape.trains ? backwards(in: &works, isLast: true) : []
    reserve(&builder, slots, forward, backward)
    var isFirst = [Bool](repeating: true, count: chunks.count)
    // Slots that still add to the weight gradients of each chunk.
    var additionsLeft = [Int](repeating: 0, count: chunks.count)
    for slot in slots where slot.pass.addsToWeights { additionsLeft[slot.chunk] += 1 }
    func forwardBlocks(_ slot: Slot) -> ForwardBlocks {
      defer { isFirst[slot.chunk] = false }
      return isFirst[slot.chunk] ? firstForward[slot.chunk] : forward[slot.chunk]
    }
    func backwardBlocks(_ slot: Slot) -> BackwardBlocks {
      guard slot.pass.addsToWeights else { return backward[slot.chunk] }
      additionsLeft[slot.chunk] -= 1
      return additionsLeft[slot.chunk] == 0 ? lastBackward[slot.chunk] : backward[slot.chunk]
    }
    var partner: Slot?
    for slot in slots {
      if slot.pairsWithNext {
        partner = slot
      } else if let other = partner {
        partner = nil
        if let first = forwardBlocks(other).arranged, let second = backwardBlocks(slot).arranged {
          builder.stamp(
            first, chunk: other.chunk, microbatch: other.microbatch, with: second,
            chunk: slot.chunk, microbatch: slot.microbatch)
        }
      } else {
        let block =
          slot.pass == .forward
          ? forwardBlocks(slot).whole : backwardBlocks(slot).block(for: slot.pass)
        builder.stamp(block, chunk: slot.chunk, microbatch: slot.microbatch)
      }
    }
    if shape.trains { appendClosingReductions(to: &builder, in: &works) }
    return StepEnd.Inputs(builder)
  }

  /// Reduces what several chunks add to, behind the last kernel.
  private func appendClosingReductions(
    to builder: inout ProgramBuilder, in works: inout WorkTable
  ) {
    var needed =
      builder.operations.lastIndex { $0.stream == .compute }.map { [Int32($0)] } ?? []
    for (chunk, reduction) in synchronization.closingReductions {
      for collective in reduction.collectives {
        let operation = reduction.operation(of: collective, chunk: chunk, in: &works)
        needed = [builder.append(operation, after: needed)]
      }
    }
  }

  /// The forwards of all chunks, each taking the result of the one before it on this rank.
  private func forwards(in works: inout WorkTable, gathers: [Int: Int32] = [:]) -> [ForwardBlocks] {
    let slots = order.slots[pipelineRank]
    var blocks: [Int: ForwardBlocks] = [:]
    var result: [Block.Dependency] = []
    for chunk in chunksByStage {
      let block = chunk.forward(in: &works, gathers: gathers, taking: result)
      result = block.result
      let isPaired = slots.contains { $0.chunk == chunk.chunk && $0.pairsWithNext }
      blocks[chunk.chunk] = ForwardBlocks(
        block, layers: chunk.layers,
        arrangedFor: isPaired ? shape.configuration.dispatcher : nil)
    }
    return chunks.indices.compactMap { blocks[$0] }
  }

  /// The backwards of all chunks, each taking the gradient of the one behind it on this rank.
  private func backwards(in works: inout WorkTable, isLast: Bool = false) -> [BackwardBlocks] {
    let slots = order.slots[pipelineRank]
    let paired = Set(
      zip(slots, slots.dropFirst()).filter { $0.0.pairsWithNext }.map { $0.1.chunk })
    let split = Set(slots.filter { $0.pass == .inputGradient }.map(\.chunk))
    var blocks: [Int: BackwardBlocks] = [:]
    var result: [Block.Dependency] = []
    for chunk in chunksByStage.reversed() {
      let block = chunk.backward(
        in: &works,
        reductions: synchronization.reductions(ofChunk: chunk.chunk, isLast: isLast),
        taking: result)
      result = block.result
      blocks[chunk.chunk] = BackwardBlocks(
        block, chunk: chunk.chunk, layers: chunk.layers, isSplit: split.contains(chunk.chunk),
        arrangedFor: paired.contains(chunk.chunk) ? shape.configuration.dispatcher : nil)
    }
    return chunks.indices.compactMap { blocks[$0] }
  }

  private var chunksByStage: [ChunkOperations] {
    chunks.sorted {
      order.stage(rank: pipelineRank, chunk: $0.chunk)
        < order.stage(rank: pipelineRank, chunk: $1.chunk)
    }
  }

  private func reserve(
    _ builder: inout ProgramBuilder, _ slots: [Slot], _ forward: [ForwardBlocks],
    _ backward: [BackwardBlocks]
  ) {
    var count = 64
    var needed = 64
    for slot in slots {
      let block =
        slot.pass == .forward
        ? forward[slot.chunk].whole : backward[slot.chunk].block(for: slot.pass)
      count += block.operations.count
      needed += block.dependencies.count
    }
    builder.reserve(operations: count, dependencies: needed)
  }
}

extension Pass {
  /// Whether the pass computes weight gradients.
  var addsToWeights: Bool { self == .backward || self == .weightGradient }
}

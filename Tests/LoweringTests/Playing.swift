import Cost
import Graph
import Parallelism
import Simulation
import Units

extension StepGraph {
  /// Plays the step with a made-up duration for each work.
  func played(_ duration: (Work) -> Int64) throws -> Timeline {
    let costs = StepCosts(
      durations: works.map { Ticks(duration($0)) }, offset: Array(works.indices),
      isPerGroup: Array(repeating: false, count: works.count))
    return try EventDrivenExecutor(self, costs: costs).run()
  }

  /// FLOPs of a pass over all tensor-parallel ranks of one replica.
  func flops(_ pass: OperationPass, where condition: (Operation) -> Bool = { _ in true }) -> Double
  {
    let operations = programs.flatMap(\.operations).filter { $0.pass == pass && condition($0) }
    return Double(grid.plan.tensor)
      * operations.reduce(0) { $0 + works[$1.work].flops.count }
  }

  /// How often each operation occurs on a stage, by everything but its place: what any order of the
  /// same work must keep.
  func census(stage: Int) -> [String: Int] {
    var counts: [String: Int] = [:]
    for operation in programs[stage].operations {
      counts["\(operation) chunk \(operation.chunk) \(works[operation.work])", default: 0] += 1
    }
    return counts
  }
}

extension PipelineOrder {
  /// The same slots, every forward that a backward follows at once run together with it.
  var pairing: PipelineOrder {
    PipelineOrder(
      ranks: ranks, chunks: chunks, microbatches: microbatches, placement: placement,
      slots: slots.map { row in
        row.enumerated().map { index, slot in
          let pairs =
            slot.pass == .forward && index + 1 < row.count && row[index + 1].pass == .backward
          return Slot(
            slot.pass, chunk: slot.chunk, microbatch: slot.microbatch, pairsWithNext: pairs)
        }
      })
  }

  /// The same slots, none run together with the next.
  var unpaired: PipelineOrder {
    PipelineOrder(
      ranks: ranks, chunks: chunks, microbatches: microbatches, placement: placement,
      slots: slots.map { row in
        row.map { Slot($0.pass, chunk: $0.chunk, microbatch: $0.microbatch) }
      })
  }

  /// Reads a published order, pairs included.
  ///
  /// - Parameter chunks: per rank, of one copy of the model.
  init(published text: String, placement: PipelinePlacement, chunks: Int) throws {
    let lines = text.split(whereSeparator: \.isNewline)
    let ranks = lines.count
    let microbatches =
      text.split { ",();\n\r".contains($0) }.compactMap { ScheduleToken(String($0)) }
      .reduce(0) { max($0, $1.microbatch) } + 1
    let slots = lines.map { line in
      line.split(separator: ",").flatMap { entry -> [Slot] in
        let isPair = entry.hasPrefix("(")
        let tokens = entry.split { "();".contains($0) }.compactMap { ScheduleToken(String($0)) }
        return tokens.enumerated().map { index, token in
          let chunk =
            placement == .bidirectional
            ? (token.microbatch < microbatches / 2 ? 0 : 1) : token.stage / ranks
          return Slot(
            token.pass, chunk: chunk, microbatch: token.microbatch,
            pairsWithNext: isPair && index == 0)
        }
      }
    }
    self.init(
      ranks: ranks, chunks: chunks * placement.copies, microbatches: microbatches,
      placement: placement, slots: slots)
  }
}

extension ParallelPlan {
  /// A pipeline alone.
  static func pipeline(_ ranks: Int, chunks: Int = 1) -> ParallelPlan {
    ParallelPlan(pipeline: ranks, virtualPipeline: chunks)
  }
}

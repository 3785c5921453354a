import Graph
public import Parallelism

extension StepSketch {
  /// A pipeline of kernels alone: one per slot, and messages between stages on different ranks.
  public init(
    _ order: PipelineOrder, forward: Int64, backward: Int64, transfer latency: Int64 = 0
  ) {
    self.init(ParallelPlan(pipeline: order.ranks, virtualPipeline: order.chunks))
    let work = transfer([latency])
    let last = order.ranks * order.chunks - 1
    // The ends of messages, named by stage boundary, microbatch and direction.
    var sends: [[Int]: (Int, Int)] = [:]
    var receives: [[Int]: (Int, Int)] = [:]
    for (rank, slots) in order.slots.enumerated() {
      var forwards: [[Int]: Int] = [:]
      for slot in slots {
        let stage = order.stage(rank: rank, chunk: slot.chunk)
        let isForward = slot.pass == .forward
        let direction = isForward ? 0 : 1
        var needed = isForward ? [] : [forwards[[slot.chunk, slot.microbatch], default: 0]]
        let comesFrom = isForward ? stage - 1 : stage + 1
        if (0...last).contains(comesFrom), order.ranks > 1 {
          let end = half(.receive, of: work, on: rank, peer: comesFrom % order.ranks)
          receives[[min(stage, comesFrom), slot.microbatch, direction]] = (rank, end)
          needed.append(end)
        }
        let kernel = kernel(isForward ? forward : backward, on: rank, after: needed)
        if isForward { forwards[[slot.chunk, slot.microbatch]] = kernel }
        let goesTo = isForward ? stage + 1 : stage - 1
        if (0...last).contains(goesTo), order.ranks > 1 {
          let end = half(.send, of: work, on: rank, peer: goesTo % order.ranks, after: [kernel])
          sends[[min(stage, goesTo), slot.microbatch, direction]] = (rank, end)
        }
      }
    }
    for (name, send) in sends {
      guard let receive = receives[name] else { continue }
      join(send.1, on: send.0, with: receive.1, on: receive.0)
    }
  }
}

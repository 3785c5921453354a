/// Schedules without a rule of their own: a few rhythms are tried with the given times, and the order
/// with the shortest makespan wins, then the shortest span of a rank, then the shortest makespan when
/// messages take half a forward longer, then the first.
struct ScheduleSearch {
  let ranks: Int
  let microbatches: Int
  let times: PassTimes

  /// One chunk per rank, split backwards, at most `limit` activations: the zero-bubble schedules.
  ///
  /// The warm-up of a rank grows by a slope from the last rank to the first: 1 is 1F1B's and
  /// ZB-H1's, 2 fills the pipeline while the first gradient returns (ZB-H2), more hides messages.
  func zeroBubble(limit: Int) -> PipelineOrder {
    let slopes = [1, 1.5, 2, 2.5, 3, 3.5, 4]
    let orders = slopes.compactMap { slope in
      let warmUp = (0..<ranks).map {
        min(microbatches, limit, Int(slope * Double(ranks - 1 - $0)) + 1)
      }
      return order(
        .loop, SlotRhythm(alternatingAfter: warmUp), limit: limit, freedom: .none, times: times)
    }
    return best(of: orders)
  }

  /// A V with split backwards in at most `limit` chunk activations: V-Half and V-Min.
  func controlledMemory(limit: Int) -> PipelineOrder {
    var orders: [PipelineOrder] = []
    for (paces, turns) in Self.rhythms {
      let rhythm = SlotRhythm(ranks: ranks, paces: paces, turns: turns)
      for freedom in [GreedyScheduler.Freedom.later, .all] {
        for times in [times, slow] + (times == .equal ? [] : [.equal]) {
          if let order = order(.v, rhythm, limit: limit, freedom: freedom, times: times) {
            orders.append(order)
          }
        }
      }
    }
    if orders.isEmpty {
      let rhythm = SlotRhythm(sequentialOver: ranks)
      orders = [order(.v, rhythm, limit: limit, freedom: .none, times: times)].compactMap(\.self)
    }
    return best(of: orders)
  }

  private func order(
    _ placement: PipelinePlacement, _ rhythm: SlotRhythm, limit: Int,
    freedom: GreedyScheduler.Freedom, times: PassTimes
  ) -> PipelineOrder? {
    var scheduler = GreedyScheduler(
      ranks: ranks, microbatches: microbatches, placement: placement, rhythm: rhythm,
      times: times, limit: limit, freedom: freedom)
    return scheduler.order()
  }

  private func best(of orders: [PipelineOrder]) -> PipelineOrder {
    var best: (order: PipelineOrder, score: [Double])?
    for order in orders {
      guard let score = score(of: order) else { continue }
      if let best, !score.lexicographicallyPrecedes(best.score) { continue }
      best = (order, score)
    }
    guard let best else { preconditionFailure("one microbatch after the other is always an order") }
    return best.order
  }

  /// The same times with slower messages.
  private var slow: PassTimes {
    var slow = times
    slow.latency += times.forward / 2
    return slow
  }

  private func score(of order: PipelineOrder) -> [Double]? {
    guard let replay = try? ScheduleReplay(order, times),
      let slowReplay = try? ScheduleReplay(order, slow)
    else { return nil }
    return [replay.makespan, replay.longestSpan, slowReplay.makespan]
  }
}

extension ScheduleSearch {
  /// Paces of the four legs and distances at the three turns. Of all with paces and turns from 1 to
  /// 3, these win for 2 to 8 ranks, with equal passes and with 10, 12 and 9, with and without latency.
  fileprivate static let rhythms: [(paces: [Int], turns: [Int])] = [
    ([1, 2, 1, 3], [3, 3, 1]), ([2, 1, 2, 3], [3, 3, 1]), ([1, 1, 1, 2], [2, 2, 3]),
    ([1, 2, 1, 2], [1, 1, 1]), ([1, 1, 2, 1], [1, 3, 3]),
  ]
}

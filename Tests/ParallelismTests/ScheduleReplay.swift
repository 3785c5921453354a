import Parallelism

/// An obvious as-soon-as-possible replay of an order: the longest path, in whole time units.
struct ScheduleReplay {
  /// Times of one chunk: forward, input gradient, weight gradient, message between ranks.
  struct Times: Sendable {
    let forward, inputGradient, weightGradient, message: Int

    static let unit = Times(forward: 1, inputGradient: 1, weightGradient: 1, message: 0)

    func duration(of pass: Pass) -> Int {
      switch pass {
      case .forward: forward
      case .backward: inputGradient + weightGradient
      case .inputGradient: inputGradient
      case .weightGradient: weightGradient
      }
    }
  }

  /// The latest end, or nil if the order cannot finish.
  let makespan: Int?

  init(_ order: PipelineOrder, _ times: Times) {
    let rows = (0..<order.ranks).map(order.tokens)
    var next = [Int](repeating: 0, count: order.ranks)
    var clock = next
    var ends: [ScheduleToken: Int] = [:]
    var progress = true
    while progress {
      progress = false
      for rank in 0..<order.ranks {
        while next[rank] < rows[rank].count {
          let token = rows[rank][next[rank]]
          let inputs = Self.inputs(of: token, stages: order.ranks * order.chunks, known: ends)
          guard let inputs else { break }
          let ready = inputs.map { input in
            let remote = input.stage % order.ranks != rank
            return (ends[input] ?? 0) + (remote ? times.message : 0)
          }
          clock[rank] = max(clock[rank], ready.max() ?? 0) + times.duration(of: token.pass)
          ends[token] = clock[rank]
          next[rank] += 1
          progress = true
        }
      }
    }
    makespan = zip(next, rows).allSatisfy { $0 == $1.count } ? clock.max() : nil
  }

  /// What a token waits for, or nil while some of it has not run.
  private static func inputs(
    of token: ScheduleToken, stages: Int, known: [ScheduleToken: Int]
  ) -> [ScheduleToken]? {
    func at(_ stage: Int, _ pass: Pass) -> ScheduleToken {
      ScheduleToken(stage: stage, pass: pass, microbatch: token.microbatch)
    }
    var inputs: [ScheduleToken] = []
    switch token.pass {
    case .forward:
      if token.stage > 0 { inputs = [at(token.stage - 1, .forward)] }
    case .backward, .inputGradient:
      inputs = [at(token.stage, .forward)]
      if token.stage < stages - 1 {
        let split = at(token.stage + 1, .inputGradient)
        inputs.append(known[split] == nil ? at(token.stage + 1, .backward) : split)
      }
    case .weightGradient:
      inputs = [at(token.stage, .inputGradient)]
    }
    return inputs.allSatisfy { known[$0] != nil } ? inputs : nil
  }
}

extension PipelineOrder {
  /// By rank, the most forwarded slots whose gradient has not yet been computed.
  var peaks: [Int] {
    slots.map { row in
      var inFlight = 0
      var peak = 0
      for slot in row {
        switch slot.pass {
        case .forward: inFlight += 1
        case .backward, .inputGradient: inFlight -= 1
        case .weightGradient: break
        }
        peak = max(peak, inFlight)
      }
      return peak
    }
  }
}

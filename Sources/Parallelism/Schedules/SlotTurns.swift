/// The sequence in which a rank serves (chunk, microbatch): in groups of microbatches, all chunks
/// of a group in turn. Backward slots follow the same sequence with the chunks reversed.
struct SlotTurns {
  let forwards: [Slot]
  let backwards: [Slot]

  init(groupSize: Int, chunks: Int, microbatches: Int) {
    forwards = stride(from: 0, to: microbatches, by: groupSize).flatMap { first in
      (0..<chunks).flatMap { chunk in
        (first..<min(first + groupSize, microbatches)).map {
          Slot(.forward, chunk: chunk, microbatch: $0)
        }
      }
    }
    backwards = forwards.map {
      Slot(.backward, chunk: chunks - 1 - $0.chunk, microbatch: $0.microbatch)
    }
  }

  /// Forward slots, as many as backward ones.
  var count: Int { forwards.count }

  /// The forwards' gradients, last first.
  var retracing: [Slot] { forwards.reversed().map { $0.changed(to: .backward) } }

  /// One forward, one backward, after some forwards; the remaining backwards drain.
  ///
  /// - Parameter pairing: whether each forward after the warm-up runs together with the backward
  ///   behind it.
  func alternating(afterWarmUp warmUp: Int, pairing: Bool = false) -> [Slot] {
    let steady = zip(forwards[warmUp...], backwards).flatMap { forward, backward in
      [
        Slot(
          .forward, chunk: forward.chunk, microbatch: forward.microbatch, pairsWithNext: pairing),
        backward,
      ]
    }
    return forwards[..<warmUp] + steady + backwards[(count - warmUp)...]
  }

  /// Input gradient, a weight gradient from some microbatches earlier, the next forward; the
  /// remaining weight gradients drain.
  func splitting(afterWarmUp warmUp: Int, weightGradientsLate delay: Int) -> [Slot] {
    var slots = Array(forwards[..<warmUp])
    for index in 0..<count {
      slots.append(backwards[index].changed(to: .inputGradient))
      if index >= delay { slots.append(backwards[index - delay].changed(to: .weightGradient)) }
      if warmUp + index < count { slots.append(forwards[warmUp + index]) }
    }
    return slots + backwards[max(0, count - delay)...].map { $0.changed(to: .weightGradient) }
  }
}

extension Slot {
  /// Another pass of the same chunk and microbatch.
  fileprivate func changed(to pass: Pass) -> Slot {
    Slot(pass, chunk: chunk, microbatch: microbatch)
  }
}

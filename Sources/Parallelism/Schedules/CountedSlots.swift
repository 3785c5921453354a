/// The slots of one rank with two chunks, numbered as they come: each pass of a chunk takes the
/// microbatches in turn.
struct CountedSlots {
  private(set) var slots: [Slot] = []
  private var forwards = [0, 0]
  private var gradients = [0, 0]
  /// Input gradients whose weights still wait, oldest first.
  private var pending: [Slot] = []

  /// Forwards of a chunk so far.
  func forwards(of chunk: Int) -> Int { forwards[chunk] }

  mutating func forward(_ chunk: Int, pairsWithNext: Bool = false) {
    slots.append(
      Slot(
        .forward, chunk: chunk, microbatch: forwards[chunk], pairsWithNext: pairsWithNext))
    forwards[chunk] += 1
  }

  /// A forward and a backward as one slot.
  mutating func pair(forward: Int, backward: Int) {
    self.forward(forward, pairsWithNext: true)
    self.backward(backward)
  }

  mutating func backward(_ chunk: Int) {
    slots.append(Slot(.backward, chunk: chunk, microbatch: gradients[chunk]))
    gradients[chunk] += 1
  }

  mutating func inputGradient(_ chunk: Int) {
    slots.append(Slot(.inputGradient, chunk: chunk, microbatch: gradients[chunk]))
    pending.append(Slot(.weightGradient, chunk: chunk, microbatch: gradients[chunk]))
    gradients[chunk] += 1
  }

  /// The oldest weight gradient that waits, of one chunk or of any; nothing if none waits.
  mutating func weightGradient(of chunk: Int? = nil) {
    guard let oldest = pending.firstIndex(where: { chunk == nil || $0.chunk == chunk }) else {
      return
    }
    slots.append(pending.remove(at: oldest))
  }

  /// All weight gradients of a chunk that wait.
  mutating func weightGradients(of chunk: Int) {
    while pending.contains(where: { $0.chunk == chunk }) { weightGradient(of: chunk) }
  }

  /// Input gradient and weight gradient, one after the other.
  mutating func splitBackward(_ chunk: Int) {
    inputGradient(chunk)
    weightGradient(of: chunk)
  }
}

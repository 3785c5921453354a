/// Plays changes in order of time.
struct MemoryMoments: Sequence, IteratorProtocol {
  private let changes: [MemoryChange]
  private var upcoming = 0
  private var held: MemoryBreakdown

  /// - Parameter base: what is held before the first change.
  init(_ changes: [MemoryChange], on base: MemoryBreakdown) {
    self.changes = changes
    held = base
  }

  /// The next time at which anything changes, and what is held after all changes of that time.
  mutating func next() -> (time: Int64, held: MemoryBreakdown)? {
    guard upcoming < changes.count else { return nil }
    let time = changes[upcoming].time
    while upcoming < changes.count, changes[upcoming].time == time {
      held.add(changes[upcoming].count, to: changes[upcoming].owner)
      upcoming += 1
    }
    return (time, held)
  }
}

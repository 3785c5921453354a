/// Memory that an owner takes or gives back at one time.
public struct MemoryChange: Hashable, Sendable {
  public let time: Int64
  public let owner: MemoryOwner
  /// Negative where memory is given back.
  public let count: Int

  public init(time: Int64, owner: MemoryOwner, count: Int) {
    self.time = time
    self.owner = owner
    self.count = count
  }
}

/// Collects what is held from one time to another.
struct MemoryLifetimes {
  private(set) var changes: [MemoryChange] = []

  /// Holds memory over a span; an empty one holds nothing.
  mutating func hold(_ count: Int, by owner: MemoryOwner, from start: Int64, to end: Int64) {
    guard count > 0, end > start else { return }
    changes.append(MemoryChange(time: start, owner: owner, count: count))
    changes.append(MemoryChange(time: end, owner: owner, count: -count))
  }
}

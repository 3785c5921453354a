public import Units

/// Bytes of one rank at one moment, by owner.
public struct MemoryBreakdown: Hashable, Sendable {
  private var counts = [Int](repeating: 0, count: MemoryOwner.allCases.count)

  public init() {}

  public subscript(owner: MemoryOwner) -> Bytes {
    get { Bytes(counts[Int(owner.rawValue)]) }
    set { counts[Int(owner.rawValue)] = newValue.count }
  }

  /// Takes so many bytes more for an owner; gives them back where negative.
  mutating func add(_ count: Int, to owner: MemoryOwner) { counts[Int(owner.rawValue)] += count }

  /// All of it.
  public var total: Bytes { Bytes(counts.reduce(0, +)) }

  /// What some of the owners hold together.
  public func total(where isCounted: (MemoryOwner) -> Bool) -> Bytes {
    MemoryOwner.allCases.reduce(.zero) { isCounted($1) ? $0 + self[$1] : $0 }
  }

  /// The owners that hold anything, the largest first; equal ones in the order of `MemoryOwner`.
  public var owners: [MemoryOwner] {
    MemoryOwner.allCases.filter { self[$0] > .zero }.sorted {
      (self[$1], $0.rawValue) < (self[$0], $1.rawValue)
    }
  }
}

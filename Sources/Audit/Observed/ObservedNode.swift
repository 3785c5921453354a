public import Graph
public import Parallelism

/// Which node of an observed graph, from 0 in the order in which they were added.
public struct NodeID: Hashable, Comparable, Sendable {
  public let index: Int32

  @inlinable public init(_ index: Int) { self.index = Int32(index) }

  @inlinable public static func < (a: NodeID, b: NodeID) -> Bool { a.index < b.index }
}

/// What is known about one node of a DAG of any origin; what its file leaves open is nil.
///
/// 64 bytes, because a step has millions of them.
public struct ObservedNode: Hashable, Sendable {
  public var kind: OperationKind?
  public var pass: OperationPass?
  /// For a collective, what it does.
  public var operation: CollectiveOperation?
  /// For a collective, the family of its group.
  public var family: GroupFamily?
  private var storedRank: Int32 = -1
  private var storedLastRank: Int32 = -1
  private var storedLayer: Int32 = -1
  private var storedChunk: Int32 = -1
  private var storedMicrobatch: Int32 = -1
  private var storedPeer: Int32 = -1
  private var storedMembers: Int32 = -1
  private var storedBytesIn: Int = -1
  private var storedBytesOut: Int = -1
  /// For a collective, which call of which group it belongs to.
  public var instance: CollectiveInstance?

  public init(
    kind: OperationKind? = nil, pass: OperationPass? = nil, rank: Int? = nil, layer: Int? = nil,
    chunk: Int? = nil, microbatch: Int? = nil
  ) {
    self.kind = kind
    self.pass = pass
    self.rank = rank
    self.layer = layer
    self.chunk = chunk
    self.microbatch = microbatch
  }

  /// The rank that executes it; the lowest, where the node stands for several.
  public var rank: Int? {
    get { Self.known(storedRank) }
    set { storedRank = Self.stored(newValue) }
  }

  /// The highest rank of a node that stands for several ranks (`GPU 0-3`).
  public var lastRank: Int? {
    get { Self.known(storedLastRank) ?? rank }
    set { storedLastRank = Self.stored(newValue) }
  }

  /// The layer of the model, from 0.
  public var layer: Int? {
    get { Self.known(storedLayer) }
    set { storedLayer = Self.stored(newValue) }
  }

  /// The model chunk on its pipeline rank.
  public var chunk: Int? {
    get { Self.known(storedChunk) }
    set { storedChunk = Self.stored(newValue) }
  }

  /// The microbatch, from 0.
  public var microbatch: Int? {
    get { Self.known(storedMicrobatch) }
    set { storedMicrobatch = Self.stored(newValue) }
  }

  /// For a send or receive, the rank at the other end.
  public var peer: Int? {
    get { Self.known(storedPeer) }
    set { storedPeer = Self.stored(newValue) }
  }

  /// For a collective, an index into `ObservedGraph.groups`.
  public var members: Int? {
    get { Self.known(storedMembers) }
    set { storedMembers = Self.stored(newValue) }
  }

  /// Bytes that the rank passes to a collective or a send.
  public var bytesIn: Int? {
    get { storedBytesIn < 0 ? nil : storedBytesIn }
    set { storedBytesIn = newValue ?? -1 }
  }

  /// Bytes that the rank gets from a collective or a receive.
  public var bytesOut: Int? {
    get { storedBytesOut < 0 ? nil : storedBytesOut }
    set { storedBytesOut = newValue ?? -1 }
  }

  private static func known(_ value: Int32) -> Int? { value < 0 ? nil : Int(value) }
  private static func stored(_ value: Int?) -> Int32 { value.flatMap { Int32(exactly: $0) } ?? -1 }
}

/// One call of one group: all members' nodes of a collective share it.
///
/// In files it is `EP:0:17`, the seventeenth call after the first of the EP group whose lowest rank
/// is 0.
public struct CollectiveInstance: Hashable, Sendable {
  public let family: GroupFamily
  /// The lowest rank of the group.
  public let base: Int32
  /// How many calls of the family precede it on each member.
  public let sequence: Int32

  public init(family: GroupFamily, base: Int, sequence: Int) {
    self.family = family
    self.base = Int32(base)
    self.sequence = Int32(sequence)
  }

  /// Reads `EP:0:17`.
  public init?(parsing text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3,
      let family = GroupFamily.allCases.first(where: { $0.label == parts[0] }),
      let base = Int32(parts[1]), let sequence = Int32(parts[2]), base >= 0, sequence >= 0
    else { return nil }
    self.family = family
    self.base = base
    self.sequence = sequence
  }

  /// For example `EP:0:17`.
  public var label: String { "\(family.label):\(base):\(sequence)" }
}

/// A coordinate that a node states without a rank, such as `TP0` or `stage 1`.
public struct AxisPlacement: Hashable, Sendable {
  public let node: NodeID
  /// One of `.tensor`, `.context`, `.pipeline`, `.data`, `.expert`, `.expertTensor`, `.expertData`.
  public let axis: GroupFamily
  public let index: Int

  public init(node: NodeID, axis: GroupFamily, index: Int) {
    self.node = node
    self.axis = axis
    self.index = index
  }
}

/// The ranks of one process group, by arithmetic: nothing is stored but a base and strides.
///
/// Members come in the order of the group (fastest axis first), which is the order of a ring.
public struct RankGroup: RandomAccessCollection, Hashable, Sendable {
  /// One varying axis.
  public struct Axis: Hashable, Sendable {
    public let size: Int
    public let stride: Int

    @inlinable public init(size: Int, stride: Int) {
      self.size = size
      self.stride = stride
    }
  }

  /// The lowest rank.
  public let base: Int
  public let axes: [Axis]

  @inlinable public init(base: Int, axes: [Axis]) {
    self.base = base
    self.axes = axes
  }

  @inlinable public var startIndex: Int { 0 }
  @inlinable public var endIndex: Int { axes.reduce(1) { $0 * $1.size } }

  /// The member at a position of the group.
  @inlinable public subscript(position: Int) -> Int {
    var rest = position
    var rank = base
    for axis in axes {
      rank += (rest % axis.size) * axis.stride
      rest /= axis.size
    }
    return rank
  }
}

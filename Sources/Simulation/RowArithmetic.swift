import Cost
import Parallelism

/// The time of one operation in each column of its stage, in picoseconds, as the sweep works on it.
typealias Row = UnsafeMutablePointer<Int64>

/// Arithmetic on whole rows. The loops are all that the sweep spends time on: they run once per node,
/// so they carry no branch, no bounds check and no reference count.
extension UnsafeMutablePointer<Int64> {
  /// Every column: a constant.
  @inline(__always)
  func fill(_ value: Int64, width: Int) {
    for column in 0..<width { self[column] = value }
  }

  /// The later of a constant and another row, and a duration more.
  @inline(__always)
  func set(max floor: Int64, _ first: Row, plus duration: Int64, width: Int) {
    for column in 0..<width { self[column] = Swift.max(first[column], floor) &+ duration }
  }

  /// The latest of a constant and two rows, and a duration more.
  @inline(__always)
  func set(max floor: Int64, _ first: Row, _ second: Row, plus duration: Int64, width: Int) {
    for column in 0..<width {
      self[column] = Swift.max(Swift.max(first[column], second[column]), floor) &+ duration
    }
  }

  /// The later of this and another row with a lead, and a duration more.
  @inline(__always)
  func raise(to other: Row, plus lead: Int64, adding duration: Int64, width: Int) {
    for column in 0..<width {
      self[column] = Swift.max(self[column], other[column] &+ lead) &+ duration
    }
  }

  /// The later of this and another row whose columns are in another order.
  func raise(to other: Row, at columns: [Int32]) {
    for column in columns.indices {
      self[column] = Swift.max(self[column], other[Int(columns[column])])
    }
  }

  @inline(__always)
  func add(_ duration: Int64, width: Int) {
    for column in 0..<width { self[column] &+= duration }
  }

  func add(_ durations: [Int64]) {
    for column in durations.indices { self[column] &+= durations[column] }
  }

  /// What ranks with known factors add to a kernel.
  @inline(__always)
  func stretch(_ duration: Double, by excess: UnsafePointer<Double>, width: Int) {
    for column in 0..<width { self[column] &+= nearest(duration * excess[column]) }
  }

  /// What ranks add to a kernel whose factors are drawn one by one.
  @inline(__always)
  func stretch(
    _ duration: Double, by factors: UnsafePointer<Double>, of ranks: UnsafePointer<Int32>,
    levels: UnsafePointer<Double>, key: UInt64, width: Int
  ) {
    for column in 0..<width {
      let level = KernelScatter.level(key, rank: Int(ranks[column]))
      let factor = factors[column] * levels[level]
      self[column] &+= nearest(duration * (factor - 1))
    }
  }

  /// Raises the latest arrival of each column's group.
  func note(_ groups: [Int32], in latest: inout [Int64]) {
    for column in groups.indices {
      let group = Int(groups[column])
      latest[group] = Swift.max(latest[group], self[column])
    }
  }

  /// Every column: the latest arrival in its group.
  func recall(_ groups: [Int32], from latest: [Int64]) {
    for column in groups.indices { self[column] = latest[Int(groups[column])] }
  }

  /// Every member of a group along one axis: the latest of them, and a duration more.
  func gather(_ axis: RankGroup.Axis, plus duration: Int64, width: Int) {
    if axis.stride == 1 {
      gatherNeighbours(axis.size, plus: duration, width: width)
    } else {
      gatherBlocks(axis, plus: duration, width: width)
    }
  }

  private func gatherNeighbours(_ size: Int, plus duration: Int64, width: Int) {
    var group = self
    for _ in 0..<(width / size) {
      var latest = group[0]
      for member in 1..<size { latest = Swift.max(latest, group[member]) }
      latest &+= duration
      for member in 0..<size { group[member] = latest }
      group += size
    }
  }

  /// Members lie `stride` apart, so that whole runs of columns gather together.
  private func gatherBlocks(_ axis: RankGroup.Axis, plus duration: Int64, width: Int) {
    let stride = axis.stride
    var block = self
    for _ in 0..<(width / (stride * axis.size)) {
      for member in 1..<axis.size {
        block.raise(to: block + member * stride, plus: 0, adding: 0, width: stride)
      }
      block.add(duration, width: stride)
      for member in 1..<axis.size { (block + member * stride).update(from: block, count: stride) }
      block += stride * axis.size
    }
  }
}

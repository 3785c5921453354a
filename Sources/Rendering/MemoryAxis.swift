import Units

/// The vertical axis of a memory picture: bytes upwards.
struct MemoryAxis {
  /// What the height of a panel stands for.
  let top: Bytes
  let height: Double

  /// Reaches above the peak, and to the capacity unless that would flatten everything.
  init(peak: Bytes, capacity: Bytes, height: Double) {
    let highest = capacity.count <= 5 * peak.count / 2 ? max(peak, capacity) : peak
    top = Bytes(max(1, highest.count / 100 * 108))
    self.height = height
  }

  func height(of size: Bytes) -> Double { Double(size.count) / Double(top.count) * height }

  /// About five round sizes, in GiB or MiB.
  var ticks: [(size: Bytes, label: String)] {
    let isLarge = top >= .gibibytes(4)
    let unit = isLarge ? Bytes.gibibytes(1) : Bytes.mebibytes(1)
    let span = top.count / unit.count
    var step = 1
    for next in [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000] where span / step > 6 {
      step = next
    }
    return stride(from: 0, through: span, by: step).map {
      ($0 * unit, "\($0) \(isLarge ? "GiB" : "MiB")")
    }
  }
}

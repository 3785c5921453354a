import Units

/// Where the ticks of a time axis are and what they say.
struct TimeAxis {
  let window: Range<Int64>
  /// The left and right end in points.
  let left, right: Double

  /// The time from one end to the other, at least a picosecond.
  var span: Int64 { max(1, window.upperBound - window.lowerBound) }

  /// The time that one point of paper takes, at least a picosecond.
  var resolution: Int64 {
    max(1, Int64(Double(span) / (right - left)))
  }

  func x(_ picoseconds: Int64) -> Double {
    let share =
      Double(picoseconds - window.lowerBound)
      / Double(span)
    return left + share * (right - left)
  }

  /// About a dozen round times, with their labels in milliseconds.
  var ticks: [(picoseconds: Int64, label: String)] {
    var step: Int64 = 1
    let steps: [Int64] = [2, 5, 10]
    var decade: Int64 = 1
    while span / step > 14 {
      if let next = steps.map({ $0 * decade }).first(where: { $0 > step }) { step = next }
      if step == 10 * decade { decade *= 10 }
    }
    let digits = step >= 1_000_000_000 ? 0 : step >= 1_000_000 ? 3 : step >= 1000 ? 6 : 9
    let first = (window.lowerBound + step - 1) / step * step
    return stride(from: first, through: window.upperBound, by: Int(step)).map { time in
      var label = fixed(Double(time) * 1e-9, digits)
      if digits > 0 {
        while label.last == "0" { label.removeLast() }
        if label.last == "." { label.removeLast() }
      }
      return (time, label)
    }
  }
}

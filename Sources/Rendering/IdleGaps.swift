/// The times when a rank neither computed nor communicated: pipeline bubble, waiting, launch gaps.
struct IdleGaps {
  /// In order, in picoseconds.
  let gaps: [Range<Int64>]

  /// - Parameters:
  ///   - spans: the times of all operations but receives, in any order.
  ///   - window: what of the step is looked at.
  init(between spans: [Range<Int64>], in window: Range<Int64>) {
    var gaps: [Range<Int64>] = []
    var end = window.lowerBound
    for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      let start = min(span.lowerBound, window.upperBound)
      if start > end { gaps.append(end..<start) }
      end = max(end, span.upperBound)
    }
    if end < window.upperBound { gaps.append(end..<window.upperBound) }
    self.gaps = gaps
  }

  var total: Int64 { gaps.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } }
}

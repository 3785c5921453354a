public import Units

extension MemoryTimeline {
  /// Every time at which anything changes, and what is held after all changes of that time.
  var moments: MemoryMoments { MemoryMoments(changes, on: base) }

  /// The most that some of the owners hold together at any time.
  public func most(where isCounted: (MemoryOwner) -> Bool) -> Bytes {
    moments.reduce(base.total(where: isCounted)) { max($0, $1.held.total(where: isCounted)) }
  }

  /// The most that is held in each of so many equal parts of a span, by owner at that moment.
  ///
  /// - Parameters:
  ///   - parts: at least 1.
  ///   - span: from the start of the first part to the end of the last.
  /// - Complexity: linear in changes and parts.
  public func samples(_ parts: Int, over span: Range<Int64>) -> [MemoryBreakdown] {
    precondition(parts >= 1, "a span has at least one part")
    var samples: [MemoryBreakdown] = []
    samples.reserveCapacity(parts)
    var moments = moments
    var held = base
    var upcoming = moments.next()
    for part in 1...parts {
      let end = span.lowerBound + Int64(Double(span.count) * Double(part) / Double(parts))
      var most = held
      while let moment = upcoming, moment.time < end {
        held = moment.held
        if held.total > most.total { most = held }
        upcoming = moments.next()
      }
      samples.append(most)
    }
    return samples
  }
}

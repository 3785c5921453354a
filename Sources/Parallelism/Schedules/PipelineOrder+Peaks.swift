extension PipelineOrder {
  /// By rank, the most activations of a chunk and microbatch that are kept at once, in the order of
  /// the slots; a co-scheduled forward counts before its backward.
  ///
  /// - Parameter heldUntil: `.inputGradient` releases an activation when the gradient passes through,
  ///   `.weightGradient` only when the weights have theirs. A whole backward does both.
  public func peakInFlight(heldUntil release: Pass) -> [Int] {
    slots.map { row in
      var inFlight = 0
      var peak = 0
      for slot in row {
        if slot.pass == .forward {
          inFlight += 1
          peak = max(peak, inFlight)
        } else if slot.pass == .backward || slot.pass == release {
          inFlight -= 1
        }
      }
      return peak
    }
  }
}

import Graph

/// When each microbatch's passes through the operations that keep something began and ended.
struct ActivationUses {
  /// The passes of one microbatch through one operation of a layer.
  struct Use {
    var forwardStart = Int64.max
    /// End of the first, where there are several: what they read is kept from then.
    var forwardEnd = Int64.max
    var recomputeEnd = Int64.max
    var gradientStart = Int64.max
    var inputGradientEnd = Int64.min
    var backwardEnd = Int64.min

    /// Whether a forward and a backward were found.
    var isWhole: Bool { forwardEnd < .max && backwardEnd > .min }
    /// The end of the input gradient, or of the only gradient.
    var lastInputGradient: Int64 { inputGradientEnd > .min ? inputGradientEnd : backwardEnd }
  }

  private let index: OperationIndex
  private let microbatches: Int
  /// By place, where its uses begin; -1 where nothing is kept.
  private var slots: [Int32]
  private var uses: [Use] = []

  /// - Parameter places: the places whose uses are asked for later.
  init(
    of program: StageProgram, times: OperationTimes, index: OperationIndex, places: [Int],
    microbatches: Int
  ) {
    self.index = index
    self.microbatches = microbatches
    slots = [Int32](repeating: -1, count: index.count)
    var count = 0
    for place in places where slots[place] < 0 {
      slots[place] = Int32(count)
      count += 1
    }
    uses = [Use](repeating: Use(), count: count * microbatches)
    for (number, operation) in program.operations.enumerated() {
      guard let microbatch = operation.microbatch, operation.pass != .step else { continue }
      let slot = slots[index(operation)]
      guard slot >= 0 else { continue }
      uses[Int(slot) * microbatches + microbatch].note(
        operation.pass, from: times.starts[number], to: times.finishes[number])
    }
  }

  /// The uses of a place by all microbatches, in order.
  func callAsFunction(_ place: Int) -> ArraySlice<Use> {
    let slot = slots[place]
    guard slot >= 0 else { return [] }
    return uses[Int(slot) * microbatches..<(Int(slot) + 1) * microbatches]
  }
}

extension ActivationUses.Use {
  fileprivate mutating func note(_ pass: OperationPass, from start: Int64, to end: Int64) {
    switch pass {
    case .forward:
      forwardStart = min(forwardStart, start)
      forwardEnd = min(forwardEnd, end)
    case .recompute: recomputeEnd = min(recomputeEnd, end)
    case .inputGradient, .weightGradient:
      gradientStart = min(gradientStart, start)
      backwardEnd = max(backwardEnd, end)
      if pass == .inputGradient { inputGradientEnd = max(inputGradientEnd, end) }
    case .step: break
    }
  }
}

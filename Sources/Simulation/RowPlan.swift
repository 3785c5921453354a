/// Where the rows of all operations lie in one buffer.
struct RowPlan {
  /// By operation, where its row begins.
  let offsets: [Int]
  /// The size of the buffer, in columns.
  let count: Int

  /// Every row has a place of its own.
  init(dense program: SweepProgram, widths: [Int]) {
    var offsets: [Int] = []
    offsets.reserveCapacity(program.count)
    var next = 0
    for (stage, width) in widths.enumerated() {
      for _ in program.firstOperation[stage]..<program.firstOperation[stage + 1] {
        offsets.append(next)
        next += width
      }
    }
    self.offsets = offsets
    count = next
  }

  /// A row gives its place up when nothing needs it any more; the place freed last is taken first,
  /// while it is still in the cache. Rows of the last operations of streams stay.
  ///
  /// - Complexity: linear in the operations of the programs.
  init(windowed program: SweepProgram, order: SweepOrder, widths: [Int]) {
    var places = Places(program, width: widths.max() ?? 0)
    for run in order.runs {
      let base = program.firstOperation[run.stage]
      for number in (base + run.operations.lowerBound)..<(base + run.operations.upperBound) {
        places.take(for: number)
        program.forEachSource(of: number) { places.release($0) }
        // A collective that spans stages is complete only when the last of them arrives; there are
        // few, so they keep their places.
        if program.operations[number].meeting != .crossing { places.release(number) }
      }
    }
    offsets = places.offsets
    count = places.count
  }
}

/// Who has which place in a window, and who still needs it.
private struct Places {
  private(set) var offsets: [Int]
  /// The size of the window, in columns.
  private(set) var count = 0
  private let width: Int
  private var free: [Int] = []
  /// By operation, how many others have yet to read its row; itself counts until it is complete.
  private var uses: [Int32]

  init(_ program: SweepProgram, width: Int) {
    self.width = width
    offsets = [Int](repeating: 0, count: program.count)
    var uses = [Int32](repeating: 1, count: program.count)
    for number in 0..<program.count { program.forEachSource(of: number) { uses[$0] += 1 } }
    for last in program.lastOperations.joined() { uses[last] += 1 }
    self.uses = uses
  }

  mutating func take(for number: Int) {
    if let place = free.popLast() {
      offsets[number] = place
    } else {
      offsets[number] = count
      count += width
    }
  }

  mutating func release(_ number: Int) {
    uses[number] -= 1
    if uses[number] == 0 { free.append(offsets[number]) }
  }
}

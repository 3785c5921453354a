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
    let width = widths.max() ?? 0
    var uses = [Int32](repeating: 0, count: program.count)
    for number in 0..<program.count { program.forEachSource(of: number) { uses[$0] += 1 } }
    for last in program.lastOperations.joined() { uses[last] += 1 }
    var offsets = [Int](repeating: 0, count: program.count)
    var free: [Int] = []
    var next = 0
    func release(_ number: Int) {
      uses[number] -= 1
      if uses[number] == 0 { free.append(offsets[number]) }
    }
    for run in order.runs {
      let base = program.firstOperation[run.stage]
      for number in (base + run.operations.lowerBound)..<(base + run.operations.upperBound) {
        if let place = free.popLast() {
          offsets[number] = place
        } else {
          offsets[number] = next
          next += width
        }
        // Until the row is complete, which for a collective that spans stages is later.
        uses[number] += 1
        program.forEachSource(of: number, release)
        if program.operations[number].meeting != .crossing { release(number) }
      }
    }
    self.offsets = offsets
    count = next
  }
}

import Graph

/// The order in which a program comes to its layers: each layer's forward and each layer's backward of
/// a microbatch is one visit.
///
/// A forward that is computed again belongs to the visit of the backward that needs it.
struct LayerVisits {
  struct Visit {
    let unit: Int
    let isBackward: Bool
    /// In program order, at least one.
    var operations: [Int]
  }

  /// In order of their first operations.
  private(set) var visits: [Visit] = []
  /// For each operation, the last kernel before it on the compute stream; -1 where there is none.
  private let previousKernel: [Int32]

  private struct Key: Hashable {
    let unit: Int
    let microbatch: Int
    let isBackward: Bool
  }

  /// - Parameter unit: the layer or other unit that an operation visits; nil where it visits none.
  init(of program: StageProgram, unit: (Operation) -> Int?) {
    var previous: [Int32] = []
    previous.reserveCapacity(program.operations.count)
    var kernel: Int32 = -1
    var visitOfKey: [Key: Int] = [:]
    for (index, operation) in program.operations.enumerated() {
      previous.append(kernel)
      if operation.stream == .compute { kernel = Int32(index) }
      guard let microbatch = operation.microbatch, let unit = unit(operation) else { continue }
      let isForward = operation.pass == .forward
      let key = Key(unit: unit, microbatch: microbatch, isBackward: !isForward)
      if let visit = visitOfKey[key] {
        visits[visit].operations.append(index)
      } else {
        visitOfKey[key] = visits.count
        visits.append(Visit(unit: unit, isBackward: !isForward, operations: [index]))
      }
    }
    previousKernel = previous
  }

  /// The last kernel on the compute stream before an operation.
  func kernel(before operation: Int) -> Int? {
    previousKernel[operation] < 0 ? nil : Int(previousKernel[operation])
  }
}

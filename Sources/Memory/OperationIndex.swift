import Graph

/// Numbers the places of a program where something can be kept: a kind, layer and chunk.
struct OperationIndex {
  private let layers: Int
  let count: Int

  init(of program: StageProgram) {
    let operations = program.operations
    let chunks = (operations.lazy.map(\.chunk).max() ?? 0) + 1
    layers = (operations.lazy.map { $0.layer ?? -1 }.max() ?? -1) + 2
    count = chunks * layers * OperationKind.allCases.count
  }

  func callAsFunction(_ kind: OperationKind, layer: Int?, chunk: Int) -> Int {
    (chunk * layers + (layer ?? -1) + 1) * OperationKind.allCases.count + Int(kind.rawValue)
  }

  func callAsFunction(_ operation: Operation) -> Int {
    self(operation.kind, layer: operation.layer, chunk: operation.chunk)
  }
}

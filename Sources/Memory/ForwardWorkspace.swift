import Graph
import Units

/// The most that one forward pass without a backward has alive at once, weights and cache apart.
///
/// Without a backward a tensor dies with its last reader, so at any moment there are the residual
/// stream and what one operation reads and writes.
struct ForwardWorkspace {
  let bytes: Bytes

  /// - Complexity: linear in the operations of the program.
  init(of program: StageProgram, in graph: StepGraph) {
    let works = Set(program.operations.lazy.filter { $0.pass == .forward }.map(\.work)).sorted()
      .map { graph.works[$0] }
    let width = graph.configuration.format.width
    let largest = works.map { $0.operandBytes(width: width) }.max() ?? 0
    // A residual addition reads two streams and writes a third.
    let residual = works.compactMap(\.additionBytes).max() ?? 0
    bytes = Bytes(largest + residual / 3)
  }
}

extension Work {
  /// What an operation reads and writes, its weights apart, where activations have a given width.
  fileprivate func operandBytes(width: Int) -> Int {
    switch self {
    case .matrixMultiply(let product):
      product.batch * product.rows * (product.inner + product.columns) * width
    case .groupedMatrixMultiply(let product):
      product.rows * (product.inner + product.columns) * width
    case .attention(let kernel):
      // In decode the keys are the cache, which is counted on its own.
      kernel.batch * kernel.queryLength
        * (kernel.heads * (kernel.queryKeyDimension + kernel.valueDimension)
          + kernel.keyValueHeads * (kernel.queryKeyDimension + kernel.valueDimension)) * width
    case .memoryBound(let traffic): traffic.bytes.count
    case .collective(let collective): collective.input.count + collective.output.count
    case .transfer(let size): size.count
    }
  }

  /// The traffic of an addition; nil for other work.
  fileprivate var additionBytes: Int? {
    guard case .memoryBound(let traffic) = self, traffic.kernel == .add else { return nil }
    return traffic.bytes.count
  }
}

import Graph
import Units

extension Work {
  /// Shape or size in a few characters, for tables and pictures.
  var summary: String {
    switch self {
    case .matrixMultiply(let product): "\(product.rows)×\(product.inner)×\(product.columns)"
    case .groupedMatrixMultiply(let product):
      "\(product.groups) groups, \(product.rows)×\(product.inner)×\(product.columns)"
    case .attention(let kernel):
      "\(kernel.heads) heads, \(kernel.queryLength)×\(kernel.keyLength)"
    case .memoryBound(let traffic): "\(traffic.bytes)"
    case .collective(let collective):
      collective.input == collective.output
        ? "\(collective.input)" : "\(collective.input) → \(collective.output)"
    case .transfer(let bytes): "\(bytes)"
    }
  }

  /// Bytes that an operation hands on, where its work says; nil for kernels known by their traffic.
  var outputBytes: Bytes? {
    switch self {
    case .matrixMultiply(let product) where product.outputWidth <= 4:
      Bytes(product.rows * product.columns * product.outputWidth)
    case .groupedMatrixMultiply(let product) where !product.isWeightGradient:
      Bytes(product.rows * product.columns * product.outputWidth)
    case .collective(let collective): collective.output
    case .transfer(let bytes): bytes
    default: nil
    }
  }
}

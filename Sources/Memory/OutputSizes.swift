import Graph
import Units

/// How large the tensors are that operations put out, from their work and from what is kept of it.
struct OutputSizes {
  private let graph: StepGraph
  private let index: OperationIndex
  /// By place, bytes of what an operation reads and keeps for its backward.
  private var kept: [Int]
  /// Bytes of the residual stream.
  private let residual: Int
  /// Elements of the embedding on this rank.
  private let embedding: Int

  init(of program: StageProgram, in graph: StepGraph, index: OperationIndex) {
    self.graph = graph
    self.index = index
    kept = [Int](repeating: 0, count: index.count)
    for saved in program.storage.activations + program.storage.recomputed {
      kept[index(saved.owner, layer: saved.layer, chunk: saved.chunk)] += saved.bytes.count
    }
    // A norm reads the stream and writes as much.
    residual =
      program.operations.lazy.compactMap { operation -> Int? in
        guard operation.kind == .feedForwardNorm, operation.pass == .forward,
          case .memoryBound(let traffic) = graph.works[operation.work]
        else { return nil }
        return traffic.bytes.count / 2
      }.first ?? 0
    embedding = program.storage.parameters.lazy.filter { $0.owner == .embeddingLookup }
      .reduce(0) { $0 + $1.elements }
  }

  private var width: Int { graph.configuration.format.width }
  private var isInPlace: Bool { graph.configuration.fusesCrossEntropy }

  /// Bytes that an operation allocates for its result; zero where it writes into what is there.
  func callAsFunction(_ operation: Operation) -> Int {
    guard operation.pass != .step else { return 0 }
    switch graph.works[operation.work] {
    case .matrixMultiply(let product): return self.product(product, operation)
    case .groupedMatrixMultiply(let product):
      return operation.pass == .weightGradient ? 0 : product.rows * product.columns * width
    case .attention(let kernel): return attention(kernel)
    case .memoryBound(let traffic): return kernel(traffic, operation)
    case .collective(let collective):
      switch (collective.operation, operation.kind) {
      case (.allReduce, _), (.broadcast, _), (_, .gradientReduce), (_, .expertGradientReduce):
        return 0
      default: return collective.output.count
      }
    case .transfer(let size): return operation.meeting == .receive ? size.count : 0
    }
  }

  /// Weight gradients go into the main gradients; Megatron's head also makes an empty tensor of its
  /// weight's shape and format, to satisfy autograd.
  private func product(_ product: MatrixMultiply, _ operation: Operation) -> Int {
    let size = product.batch * product.rows * product.columns * width
    switch (operation.kind, operation.pass) {
    case (.head, .weightGradient): return size
    case (_, .weightGradient): return 0
    // Kept by the loss from the start.
    case (.head, .forward) where isInPlace && graph.configuration.phase == .train: return 0
    default: return size
    }
  }

  private func attention(_ kernel: AttentionKernel) -> Int {
    let width = graph.configuration.format.width
    let queries = kernel.batch * kernel.heads * kernel.queryLength
    guard kernel.isBackward else { return queries * kernel.valueDimension * width }
    let keys = kernel.batch * kernel.keyValueHeads * kernel.keyLength
    return width
      * (queries * kernel.queryKeyDimension
        + keys * (kernel.queryKeyDimension + kernel.valueDimension))
  }

  /// A kernel's traffic is what it reads and what it writes; a gradient has the size of the input.
  private func kernel(_ traffic: MemoryTraffic, _ operation: Operation) -> Int {
    let bytes = traffic.bytes.count
    let isBackward = operation.pass == .inputGradient || operation.pass == .weightGradient
    let input = kept[index(operation)]
    switch traffic.kernel {
    case .norm, .normBackward, .activation:
      guard input > 0 else { return bytes / (isBackward ? 4 : 2) }
      return isBackward ? input : max(0, bytes - input)
    case .add: return min(bytes / 3, max(residual, 1))
    case .dropout: return bytes * 2 / 5
    case .permute, .unpermute:
      guard operation.kind == .permute || operation.kind == .unpermute else { return bytes / 2 }
      // Between the order of tokens, as large as the stream, and the order of experts.
      let isByExpert = (operation.kind == .permute) != isBackward
      return isByExpert ? max(0, bytes - residual) : min(bytes, residual)
    case .crossEntropy:
      // The gradient of the logits, in the format of activations.
      guard operation.kind == .loss, isBackward, !isInPlace else { return 0 }
      return input * width / 4
    case .embedding: return isBackward ? embedding * width : bytes / 2
    case .quantize: return bytes / 3
    case .rotary, .softmax, .cast: return bytes / 2
    case .routing: return bytes / 4
    case .optimizer, .hostTransfer, .hostOptimizer: return 0
    }
  }
}

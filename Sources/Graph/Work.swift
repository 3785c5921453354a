public import Parallelism
public import Units

/// What an operation costs, without saying on what: the input of pricing.
///
/// Operations that do the same amount of the same thing share one value, so a step of millions of
/// nodes has a few dozen.
public enum Work: Hashable, Sendable {
  case matrixMultiply(MatrixMultiply)
  case groupedMatrixMultiply(GroupedMatrixMultiply)
  case attention(AttentionKernel)
  case memoryBound(MemoryTraffic)
  case collective(Collective)
  /// A message to or from the neighbouring pipeline stage.
  case transfer(Bytes)

  /// Floating-point operations of the matrix kinds, on one rank; zero for the others.
  public var flops: FLOPs {
    switch self {
    case .matrixMultiply(let product): product.flops
    case .groupedMatrixMultiply(let product): product.flops
    case .attention(let kernel): kernel.flops
    case .memoryBound, .collective, .transfer: .zero
    }
  }
}

/// A dense product: `rows × inner` by `inner × columns`, or a batch of them in one call.
public struct MatrixMultiply: Hashable, Sendable {
  public let rows: Int
  public let columns: Int
  public let inner: Int
  /// Format of the operands.
  public let format: NumericFormat
  /// Bytes moved per output element: 2 for bf16, 8 where an fp32 gradient is read and written.
  public let outputWidth: Int
  /// Independent products of this shape, for example one per head.
  public let batch: Int

  public init(
    rows: Int, columns: Int, inner: Int, format: NumericFormat = .bf16, outputWidth: Int = 2,
    batch: Int = 1
  ) {
    self.rows = rows
    self.columns = columns
    self.inner = inner
    self.format = format
    self.outputWidth = outputWidth
    self.batch = batch
  }

  public var flops: FLOPs {
    FLOPs(2 * Double(batch) * Double(rows) * Double(columns) * Double(inner))
  }
}

/// One product per local expert, their rows adding up to `rows`.
public struct GroupedMatrixMultiply: Hashable, Sendable {
  /// Experts on the rank.
  public let groups: Int
  /// Rows over all groups; the longest dimension of dgrad and forward, the inner one of wgrad.
  public let rows: Int
  public let columns: Int
  public let inner: Int
  public let format: NumericFormat
  public let outputWidth: Int
  /// Whether rows are the inner dimension (weight gradient).
  public let isWeightGradient: Bool

  public init(
    groups: Int, rows: Int, columns: Int, inner: Int, format: NumericFormat = .bf16,
    outputWidth: Int = 2, isWeightGradient: Bool = false
  ) {
    self.groups = groups
    self.rows = rows
    self.columns = columns
    self.inner = inner
    self.format = format
    self.outputWidth = outputWidth
    self.isWeightGradient = isWeightGradient
  }

  public var flops: FLOPs { FLOPs(2 * Double(rows) * Double(columns) * Double(inner)) }
}

/// One fused attention kernel (flash attention) over the heads of a rank.
public struct AttentionKernel: Hashable, Sendable {
  public let batch: Int
  /// Query heads on the rank.
  public let heads: Int
  /// Key and value heads on the rank.
  public let keyValueHeads: Int
  public let queryLength: Int
  public let keyLength: Int
  /// Elements of a query or key head.
  public let queryKeyDimension: Int
  /// Elements of a value head.
  public let valueDimension: Int
  public let isCausal: Bool
  /// Positions back that a query sees; nil means all.
  public let window: Int?
  /// Whether this is the backward kernel (five products instead of two).
  public let isBackward: Bool
  public let format: NumericFormat
  /// Whether this is a later step of a ring over the zigzag split, stated as all queries against half
  /// of the keys: ranks that hold later tokens run that, and earlier ones half of the queries against
  /// all keys.
  public let isZigzagHalf: Bool

  public init(
    batch: Int, heads: Int, keyValueHeads: Int, queryLength: Int, keyLength: Int,
    queryKeyDimension: Int, valueDimension: Int, isCausal: Bool = true, window: Int? = nil,
    isBackward: Bool = false, format: NumericFormat = .bf16, isZigzagHalf: Bool = false
  ) {
    self.batch = batch
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.queryLength = queryLength
    self.keyLength = keyLength
    self.queryKeyDimension = queryKeyDimension
    self.valueDimension = valueDimension
    self.isCausal = isCausal
    self.window = window
    self.isBackward = isBackward
    self.format = format
    self.isZigzagHalf = isZigzagHalf
  }

  /// Query-key pairs per head: half of the square when causal and square, the band when windowed.
  public var pairs: Double {
    let queries = Double(queryLength)
    let keys = Double(keyLength)
    guard isCausal, queryLength > 1 else { return queries * min(keys, Double(window ?? keyLength)) }
    let full = queries * keys - queries * queries / 2
    guard let window, Double(window) < keys else { return full }
    let band = Double(window)
    return queryLength == keyLength ? band * queries - band * band / 2 : band * queries
  }

  /// Executed work: two products forward, five backward.
  public var flops: FLOPs {
    let products = isBackward ? 2.5 : 1.0
    let width = Double(queryKeyDimension + valueDimension)
    return FLOPs(products * 2 * Double(batch * heads) * pairs * width)
  }
}

/// A kernel whose time is the bytes it reads and writes.
public struct MemoryTraffic: Hashable, Sendable {
  public let kernel: MemoryKernel
  /// Compulsory reads and writes together.
  public let bytes: Bytes

  public init(_ kernel: MemoryKernel, bytes: Bytes) {
    self.kernel = kernel
    self.bytes = bytes
  }
}

/// The classes of memory-bound kernels that measurements tell apart.
public enum MemoryKernel: String, Hashable, Sendable, CaseIterable {
  case norm, normBackward, add, dropout, rotary, activation, softmax, quantize
  case permute, unpermute, routing, embedding, crossEntropy, optimizer, cast
  /// A copy over the link between host and device, in one direction.
  case hostTransfer
  /// The optimizer on the host: bytes of host memory read and written.
  case hostOptimizer
}

/// The operations of NCCL that a step uses.
///
/// A ring exchange is a grouped send and receive; the others are collectives of the library.
public enum CollectiveOperation: String, Hashable, Sendable, CaseIterable {
  case allReduce = "all_reduce"
  case allGather = "all_gather"
  case reduceScatter = "reduce_scatter"
  case allToAll = "all_to_all"
  case broadcast
  /// Every rank sends to the next rank of a ring and receives from the one before.
  case ringExchange = "ring_exchange"
}

/// One collective call, as each member of the group issues it.
public struct Collective: Hashable, Sendable {
  public let operation: CollectiveOperation
  public let family: GroupFamily
  /// Bytes that one rank passes in.
  public let input: Bytes
  /// Bytes that one rank gets out.
  public let output: Bytes
  /// Whether ranks contribute unequal parts, which NCCL runs as list variants.
  public let isVariable: Bool
  /// What an all-to-all of fused expert kernels carries; nil for calls of the library.
  public let routing: TokenRouting?

  public init(
    _ operation: CollectiveOperation, over family: GroupFamily, input: Bytes, output: Bytes,
    isVariable: Bool = false, routing: TokenRouting? = nil
  ) {
    self.operation = operation
    self.family = family
    self.input = input
    self.output = output
    self.isVariable = isVariable
    self.routing = routing
  }

  /// The size in nccl-tests' convention: total output of an all-gather, input of the others.
  public var messageSize: Bytes { operation == .allGather ? output : input }
}

import Cost
import Graph
import Hardware
import Units

/// A kernel that only moves data, as its row describes it.
struct MemoryReading {
  /// The names in the column `kernel`.
  static let kernels = [
    "rmsnorm", "layernorm", "softmax", "gelu", "elementwise", "add", "rope", "act_mul", "quantize",
    "permute", "unpermute", "adam",
  ]

  private let cells: CSVRow
  private let kernel: String

  init(_ cells: CSVRow) {
    self.cells = cells
    kernel = cells["kernel"]
  }

  /// Rows of `k` elements (of `n` for activations and rotary embeddings), one row where `m` is empty.
  func query() throws(RowRefusal) -> KernelQuery {
    let columns = isWide ? ["n", "k"] : ["k", "n"]
    var width = try cells.count(columns[0])
    if width == nil { width = try cells.count(columns[1]) }
    guard let width else { throw .missing(column: columns[0]) }
    let count = try cells.count("m") ?? 1
    let isRowless = ["adam", "gelu", "elementwise", "quantize", "permute", "unpermute"]
      .contains(kernel)
    let rows = MemoryRows(
      count: count, width: isRowless ? 0 : width, author: author,
      isHostTimed: says("host-timed"))
    return .memory(
      MemoryTraffic(graphKernel, bytes: try bytes(elements: Double(count) * Double(width))), rows)
  }

  private var isWide: Bool { kernel == "act_mul" || kernel == "rope" }

  private func says(_ text: String) -> Bool { cells["notes"].range(of: text) != nil }

  private var graphKernel: MemoryKernel {
    switch kernel {
    case "rmsnorm", "layernorm": cells["direction"] == "bwd" ? .normBackward : .norm
    case "softmax": .softmax
    case "gelu", "act_mul": .activation
    case "rope": .rotary
    case "quantize": .quantize
    case "permute": .permute
    case "unpermute": .unpermute
    case "adam": .optimizer
    default: .add
    }
  }

  /// Who wrote the kernel, from the remarks; fused kernels where they say nothing.
  private var author: MemoryImplementation {
    if says("vLLM kernels") { return .serving2023 }
    if says("torch_compile") { return .compiled }
    if says("host-timed") || says("PyTorch") { return .eager }
    if says("vLLM Triton") || says("baseline") { return .unfused }
    return .fused
  }

  /// The bytes that the remarks state, or else reads and writes once each.
  private func bytes(elements: Double) throws(RowRefusal) -> Bytes {
    if let stated = cells.remark("bytes") { return Bytes(stated) }
    let size = cells["dtype"] == "fp32" ? 4.0 : 2
    let perElement: Double
    switch kernel {
    case "quantize": perElement = 3
    case "add", "act_mul": perElement = 3 * size
    case "adam": perElement = 7 * size
    case "permute", "unpermute": perElement = size * Double(1 + (try cells.count("topk") ?? 1))
    default: perElement = (graphKernel == .normBackward ? 3 : 2) * size
    }
    return Bytes(Int((elements * perElement).rounded()))
  }
}

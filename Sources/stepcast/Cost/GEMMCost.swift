import ArgumentParser
import Cost
import Graph
import Hardware
import Units
import Validation

struct GEMMCost: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemm",
    abstract: "A dense matrix product: m × k by k × n.",
    discussion: """
      Try: stepcast cost gemm --m 4096 --n 14336 --k 4096 --dtype fp8 --device h100
      """)

  @Option(help: "Rows of the result: tokens, in the forward pass.") var m: Int

  @Option(help: "Columns of the result.") var n: Int

  @Option(help: "The inner dimension.") var k: Int

  @Option(help: "Independent products of this shape in one call.") var batch = 1

  @Option(help: "Format of the operands.") var dtype = NumericFormat.bf16

  @Flag(help: "One scale per block of elements instead of one per tensor; with --dtype fp8.")
  var blockScaled = false

  @Flag(help: "Add to a gradient in fp32 (8 bytes per element) instead of writing 2 bytes.")
  var mainGradient = false

  @Flag(help: "Include the pass that quantizes the left operand to 8 bits.") var quantize = false

  @Flag(help: "As benchmarks repeat it, small operands waiting in the L2 cache.")
  var repeated = false

  @OptionGroup var device: DeviceOptions

  func validate() throws {
    try checkCounts(["--m": m, "--n": n, "--k": k, "--batch": batch])
    try checkElements(of: "the left operand", batch, m, k)
    try checkElements(of: "the right operand", batch, k, n)
    try checkElements(of: "the result", batch, m, n)
    if blockScaled || quantize, dtype != .fp8 {
      throw ValidationError("--block-scaled and --quantize go with --dtype fp8, got \(dtype)")
    }
  }

  func run() throws {
    try reportingBadData {
      let device = try self.device.resolved()
      let product = MatrixMultiply(
        rows: m, columns: n, inner: k, format: dtype, outputWidth: mainGradient ? 8 : 2,
        batch: batch)
      let conditions = KernelConditions(isRepeated: repeated, isBlockScaled: blockScaled)
      let price = try KernelQuery.dense(product, conditions, quantizes: quantize).price(on: device)
      let times = batch > 1 ? "\(grouped(batch)) × " : ""
      try PricedAnswer(
        question: "GEMM \(times)\(grouped(m)) × \(grouped(n)) × \(grouped(k)) in \(dtype)",
        machine: device.name, price: price,
        rates: [.arithmetic(product.flops / price.time, peak: device.peak.rate(of: dtype))]
      ).show(asJSON: self.device.json)
    }
  }
}

struct GroupedGEMMCost: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grouped-gemm",
    abstract: "One product per expert in one call, with equally many rows each.",
    discussion: """
      Try: stepcast cost grouped-gemm --experts 16 --m 2048 --n 1536 --k 2048
      """)

  @Option(help: "Experts on the GPU.") var experts: Int

  @Option(help: "Rows (tokens) of each expert.") var m: Int

  @Option(help: "Columns of the result.") var n: Int

  @Option(help: "The inner dimension.") var k: Int

  @Option(help: "Format of the operands.") var dtype = NumericFormat.bf16

  @Flag(help: "The gradient of the weights: reduces over the rows, and writes n × k in fp32.")
  var weightGradient = false

  @OptionGroup var device: DeviceOptions

  func validate() throws {
    try checkCounts(["--experts": experts, "--m": m, "--n": n, "--k": k])
    try checkElements(of: "the left operand", experts, m, k)
    try checkElements(of: "the weights", experts, k, n)
    try checkElements(of: "the result", experts, m, n)
  }

  func run() throws {
    try reportingBadData {
      let device = try self.device.resolved()
      let product = GroupedMatrixMultiply(
        groups: experts, rows: experts * m, columns: n, inner: k, format: dtype,
        outputWidth: weightGradient ? 4 : 2, isWeightGradient: weightGradient)
      let price = try KernelQuery.grouped(product).price(on: device)
      let kind = weightGradient ? "grouped weight gradient" : "grouped GEMM"
      try PricedAnswer(
        question:
          "\(kind) \(grouped(experts)) × \(grouped(m)) × \(grouped(n)) × \(grouped(k)) in \(dtype)",
        machine: device.name, price: price,
        rates: [.arithmetic(product.flops / price.time, peak: device.peak.rate(of: dtype))]
      ).show(asJSON: self.device.json)
    }
  }
}

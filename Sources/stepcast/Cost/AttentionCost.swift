import ArgumentParser
import Cost
import Graph
import Hardware
import Units
import Validation

struct AttentionCost: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attention",
    abstract: "Fused attention: forward, backward, prefill with a cache, or decode.",
    discussion: """
      --seq 1 is decode: one query per sequence against the cache.

      Try: stepcast cost attention --heads 32 --kv-heads 8 --head-dim 128 --seq 8192 --backward
           stepcast cost attention --batch 64 --heads 64 --kv-heads 8 --head-dim 128 --seq 1 \
      --kv-len 4096
      """)

  @Option(help: "Sequences.") var batch = 1

  @Option(help: "Query heads on the GPU.") var heads: Int

  @Option(help: "Key and value heads on the GPU; as many as query heads unless given.")
  var kvHeads: Int?

  @Option(help: "Elements of a query or key head.") var headDim: Int

  @Option(help: "Elements of a value head, where that is another number.") var valueDim: Int?

  @Option(help: "Queries per sequence.") var seq: Int

  @Option(help: "Keys per sequence; as many as queries unless given.") var kvLen: Int?

  @Option(help: "Positions back that a query sees; all unless given.") var window: Int?

  @Flag(inversion: .prefixedNo, help: "A query sees no later keys.") var causal = true

  @Flag(help: "The backward kernel.") var backward = false

  @Flag(help: "Kernels of serving stacks, which write the cache too; decode always is.")
  var serving = false

  @Option(help: "Format of the operands.") var dtype = NumericFormat.bf16

  @OptionGroup var device: DeviceOptions

  func validate() throws {
    try checkCounts([
      "--batch": batch, "--heads": heads, "--kv-heads": kvHeads, "--head-dim": headDim,
      "--value-dim": valueDim, "--seq": seq, "--kv-len": kvLen, "--window": window,
    ])
    try checkElements(of: "the queries", batch, heads, seq, max(headDim, valueDim ?? 1))
    try checkElements(of: "the keys", batch, kvHeads ?? heads, kvLen ?? seq, headDim)
    if let kvHeads, heads % kvHeads != 0 {
      throw ValidationError(
        "--kv-heads \(kvHeads) does not divide --heads \(heads); each serves equally many")
    }
    if let kvLen, causal, kvLen < seq {
      throw ValidationError(
        "--kv-len \(kvLen) is less than --seq \(seq); causal attention sees its own keys")
    }
    if backward, serving || seq == 1 {
      throw ValidationError("--backward belongs to training; leave out --serving and --seq 1")
    }
    if dtype == .fp32 { throw ValidationError("no fused attention in fp32; use bf16, fp16 or fp8") }
  }

  func run() throws {
    try reportingBadData {
      let device = try self.device.resolved()
      guard device.peak.rate(of: dtype) != nil else {
        throw RowRefusal.unsupportedFormat(device: device.name, format: dtype.rawValue)
      }
      let use: KernelUse = serving || seq == 1 ? .serving : .training
      let price = try KernelQuery.attention(kernel, use, .step).price(on: device)
      try PricedAnswer(
        question: question, machine: device.name, price: price,
        rates: [rate(of: price, on: device)]
      ).show(asJSON: self.device.json)
    }
  }

  private var kernel: AttentionKernel {
    AttentionKernel(
      batch: batch, heads: heads, keyValueHeads: kvHeads ?? heads, queryLength: seq,
      keyLength: kvLen ?? seq, queryKeyDimension: headDim, valueDimension: valueDim ?? headDim,
      isCausal: causal, window: window, isBackward: backward, format: dtype)
  }

  /// Decode reads the cache once; all else is arithmetic.
  private func rate(of price: Price, on device: Device) -> PricedAnswer.Rate {
    guard seq == 1 else {
      return .arithmetic(kernel.flops / price.time, peak: device.peak.rate(of: dtype))
    }
    let keys = Double(min(kernel.keyLength, window ?? kernel.keyLength))
    let width = Double((headDim + kernel.valueDimension) * dtype.width)
    let cache = Double(batch) * Double(kernel.keyValueHeads) * keys * width
    return .memory(
      Bandwidth(bytesPerSecond: cache / price.time.value), peak: device.memory.bandwidth)
  }

  private var question: String {
    let kind =
      seq == 1 ? "decode attention" : backward ? "attention backward" : "attention forward"
    let sequences = counted(batch, "sequence", "sequences")
    let queries = seq == 1 ? "" : " of \(grouped(seq)) queries"
    let heads = "\(grouped(self.heads)) heads on \(grouped(kernel.keyValueHeads))"
    return "\(kind), \(sequences)\(queries), \(grouped(kernel.keyLength)) keys, \(heads), \(dtype)"
  }
}

import Cost
import Graph
import Hardware
import Testing
import Units
import Validation

@Suite("Rows of kernels")
struct KernelRowTests {
  private func row(_ cells: KeyValuePairs<String, String>) -> KernelRow { KernelRow(CSVRow(cells)) }

  private func refusal(_ cells: KeyValuePairs<String, String>) throws -> String {
    try #require(throws: RowRefusal.self) { try row(cells).price() }.description
  }

  @Test("a dense product is priced as one, on the GPU that the row names")
  func dense() throws {
    let row = row(["kernel": "gemm", "gpu": "H100-SXM", "m": "4096", "n": "8192", "k": "1024"])
    let cost = denseGEMMCost(
      of: MatrixMultiply(rows: 4096, columns: 8192, inner: 1024), on: try .named("h100"))
    let price = try row.price()
    #expect(price.time == cost.duration)
    #expect(price.terms.map(\.name) == ["start and drain", "compute", "memory traffic"])
    #expect(price.choice?.hasSuffix("tiles") == true)
    #expect(price.low < price.time && price.time < price.high)
    #expect(row.precision == "bf16" && row.id == "line 1" && row.family == "gemm")
  }

  @Test("remarks add the quantization, the gradient's width and the cache")
  func remarks() throws {
    func price(_ notes: String, _ format: String) throws -> Price {
      try row([
        "kernel": "gemm", "gpu": "h100", "dtype": format, "m": "512", "n": "1024", "k": "1024",
        "notes": notes,
      ]).price()
    }
    let plain = try price("", "fp8")
    let quantized = try price("CUDA-graph replay; includes activation quantization", "fp8")
    #expect(quantized.terms.map(\.name).last == "quantization")
    #expect(quantized.time > plain.time)
    #expect(try price("CUDA-graph replay", "bf16").time < price("", "bf16").time)
    #expect(
      try price("fp32 accumulate into main grad", "bf16").time > price("TE GEMM", "bf16").time)
  }

  @Test("Transformer Engine on B200 has rates of its own")
  func presets() throws {
    func device(_ notes: String) throws -> Device {
      try row(["kernel": "gemm", "gpu": "B200", "notes": notes]).device()
    }
    #expect(try device("TE GEMM layout TN").rates.name == "training")
    #expect(try device("CUDA-graph replay").rates.name == "serving")
  }

  @Test("attention takes one sequence, causal, as many keys as queries where cells are empty")
  func attention() throws {
    let query = try row([
      "kernel": "attn_prefill", "gpu": "H200-SXM", "heads": "64", "seq_q": "4096",
      "head_dim": "160", "direction": "bwd", "notes": "cuDNN SDPA; qk_dim=192 v_dim=128",
    ]).query()
    #expect(
      query
        == .attention(
          AttentionKernel(
            batch: 1, heads: 64, keyValueHeads: 64, queryLength: 4096, keyLength: 4096,
            queryKeyDimension: 192, valueDimension: 128, isBackward: true), .training, .step))
    let decode = try row([
      "kernel": "attn_decode", "gpu": "H200-SXM", "heads": "64", "kv_heads": "8", "batch": "4",
      "seq_kv": "1024", "head_dim": "128.0",
    ]).query()
    #expect(
      decode
        == .attention(
          AttentionKernel(
            batch: 4, heads: 64, keyValueHeads: 8, queryLength: 1, keyLength: 1024,
            queryKeyDimension: 128, valueDimension: 128), .serving,
          KernelConditions(isRepeated: true)))
  }

  @Test("fused experts are those of the rank, with balanced routing")
  func fusedExperts() throws {
    let row = row([
      "kernel": "moe_grouped", "gpu": "H100-SXM", "m": "512", "n": "2048", "k": "7168",
      "experts": "32", "topk": "8", "dtype": "fp8", "notes": "ep=8; E_total=256",
    ])
    let call = FusedExperts(
      tokens: 512, experts: 32, topK: 8, hidden: 7168, inner: 2048, format: .fp8, ranks: 8)
    #expect(try row.query() == .fusedExperts(call))
    // The weights of all experts are read at least once.
    let weights = Bytes(32 * 3 * 2048 * 7168)
    #expect(try row.price().time > weights / row.device().memory.bandwidth)
  }

  @Test("a memory-bound kernel counts its bytes where the remarks do not")
  func memory() throws {
    let query = try row([
      "kernel": "rmsnorm", "gpu": "H100-SXM", "m": "8", "k": "4096",
      "notes": "vidur norm (2023-24 vLLM kernels)",
    ]).query()
    #expect(
      query
        == .memory(
          MemoryTraffic(.norm, bytes: Bytes(4 * 8 * 4096)),
          MemoryRows(count: 8, width: 4096, author: .serving2023)))
    let stated = try row([
      "kernel": "add", "gpu": "H100-SXM", "m": "8", "k": "4096", "notes": "bytes=1000",
    ]).query()
    #expect(
      stated == .memory(.init(.add, bytes: Bytes(1000)), MemoryRows(count: 8, width: 4096)))
  }

  @Test("a row that cannot be priced says why")
  func refusals() throws {
    #expect(try refusal(["gpu": "h100"]) == "kernel: the cell is empty and has no default")
    #expect(
      try refusal(["kernel": "gemm", "gpu": "h100", "n": "8", "k": "8"])
        == "m: the cell is empty and has no default")
    #expect(
      try refusal(["kernel": "gemm", "gpu": "h100", "m": "-4", "n": "8", "k": "8"])
        == "m: \"-4\" is not a number of zero or more")
    #expect(
      try refusal(["kernel": "gemm", "gpu": "h100", "m": "0", "n": "8", "k": "8"])
        == "m: \"0\" is not a whole number of at least 1")
    #expect(
      try refusal(["kernel": "gemm", "gpu": "H1OO", "m": "4", "n": "8", "k": "8"])
        .hasPrefix("gpu: no profile of \"H1OO\""))
    #expect(
      try refusal(["kernel": "gemm", "gpu": "", "m": "4", "n": "8", "k": "8"])
        == "gpu: the cell is empty and has no default")
    #expect(
      try refusal(["kernel": "gemm", "gpu": "a100", "dtype": "fp8", "m": "4", "n": "8", "k": "8"])
        == "dtype: A100-SXM-80GB has no fp8 tensor cores")
    #expect(
      try refusal(["kernel": "gemm", "gpu": "h100", "dtype": "int8", "m": "4", "n": "8", "k": "8"])
        == "dtype: unknown \"int8\"; known are fp32, bf16, fp16, fp8, fp8_block")
    #expect(
      try refusal(["kernel": "convolution", "gpu": "h100"]).hasPrefix(
        "kernel: unknown \"convolution\"; known are gemm, "))
    #expect(
      #expect(throws: RowRefusal.self) { try row(["time_us": "0"]).measured() }?.description
        == "time_us: \"0\" is not above zero")
  }
}

import Cost
import Graph
import Hardware
import Units

extension KernelRow {
  /// What the row measured.
  ///
  /// - Throws: `RowRefusal` with the reason where the row does not say enough or names a kernel that is
  ///   not modelled.
  public func query() throws(RowRefusal) -> KernelQuery {
    switch cells["kernel"] {
    case "gemm": try denseQuery()
    case "grouped_gemm": try groupedQuery()
    case "attn_prefill", "attn_decode": try attentionQuery()
    case "moe_grouped": try fusedExpertsQuery()
    case let kernel where MemoryReading.kernels.contains(kernel):
      try MemoryReading(cells).query()
    case "": throw .missing(column: "kernel")
    case let kernel:
      throw .unknownWord(
        column: "kernel", text: kernel,
        known: ["gemm", "grouped_gemm", "moe_grouped", "attn_prefill", "attn_decode"]
          + MemoryReading.kernels)
    }
  }

  private var notes: String { cells["notes"] }

  private func says(_ text: String) -> Bool { notes.range(of: text) != nil }

  /// bf16 where the cell is empty.
  private func format() throws(RowRefusal) -> NumericFormat {
    switch precision {
    case "fp8_block", "fp8": .fp8
    case let name:
      if let format = NumericFormat(rawValue: name) {
        format
      } else {
        throw .unknownWord(
          column: "dtype", text: name,
          known: NumericFormat.allCases.map(\.rawValue) + ["fp8_block"])
      }
    }
  }

  /// Rows, columns and inner dimension; one product; results of 2 bytes, or accumulated in fp32 where the
  /// remarks name the main gradient; operands in memory, unless a captured graph repeats them.
  private func denseQuery() throws(RowRefusal) -> KernelQuery {
    let product = MatrixMultiply(
      rows: try cells.needed("m"), columns: try cells.needed("n"), inner: try cells.needed("k"),
      format: try format(), outputWidth: says("main grad") ? 8 : 2,
      batch: try cells.count("batch") ?? 1)
    let conditions = KernelConditions(
      isRepeated: says("CUDA-graph replay"), isBlockScaled: precision == "fp8_block")
    return .dense(product, conditions, quantizes: says("includes activation quantization"))
  }

  /// `m` rows for each of `experts`; in weight gradients rows are the inner dimension, and results are
  /// written in fp32.
  private func groupedQuery() throws(RowRefusal) -> KernelQuery {
    let isWeightGradient = cells["direction"] == "bwd_wgrad"
    var (m, n, k) = (try cells.needed("m"), try cells.needed("n"), try cells.needed("k"))
    if isWeightGradient, says("k = tokens per group") { (m, n, k) = (k, m, n) }
    let groups = try cells.needed("experts")
    return .grouped(
      GroupedMatrixMultiply(
        groups: groups, rows: groups * m, columns: n, inner: k, format: try format(),
        outputWidth: isWeightGradient ? 4 : 2, isWeightGradient: isWeightGradient))
  }

  /// `m` tokens, `k` hidden and `n` inner elements on the rank, whose expert-parallel degree the remarks
  /// give (`ep=4`); routing is balanced.
  private func fusedExpertsQuery() throws(RowRefusal) -> KernelQuery {
    .fusedExperts(
      FusedExperts(
        tokens: try cells.needed("m"), experts: try cells.needed("experts"),
        topK: try cells.needed("topk"), hidden: try cells.needed("k"),
        inner: try cells.needed("n"), format: try format(),
        ranks: max(1, cells.remark("ep") ?? 1)))
  }

  /// One sequence, as many key heads as query heads, as many keys as queries, and causal, where cells are
  /// empty. Remarks may give query and value heads different widths. Benchmarks of decode repeat it on
  /// one cache.
  private func attentionQuery() throws(RowRefusal) -> KernelQuery {
    let isDecode = cells["kernel"] == "attn_decode"
    let heads = try cells.needed("heads")
    let queries = isDecode ? 1 : try cells.needed("seq_q")
    let width = try cells.needed("head_dim")
    guard !(says("FA2") && hardware.hasPrefix("H")) else {
      throw .notModelled("notes: FlashAttention-2 on Hopper")
    }
    let isBackward = cells["direction"] == "bwd"
    let kernel = AttentionKernel(
      batch: try cells.count("batch") ?? 1, heads: heads,
      keyValueHeads: try cells.count("kv_heads") ?? heads, queryLength: queries,
      keyLength: try cells.count("seq_kv") ?? queries,
      queryKeyDimension: cells.remark("qk_dim") ?? width,
      valueDimension: cells.remark("v_dim") ?? width,
      isCausal: !["0", "0.0", "false", "False"].contains(cells["causal"]),
      isBackward: isBackward, format: try format())
    let use: KernelUse = isDecode || !Self.isTraining(cells) ? .serving : .training
    return .attention(kernel, use, KernelConditions(isRepeated: isDecode))
  }
}

import Graph

/// The blocks of 128 queries by 128 keys that a flash-attention kernel computes.
///
/// Blocks on the diagonal and on the edge of a window are whole, which is why short sequences run
/// below the rate that their FLOPs suggest.
struct AttentionBlocks: Hashable {
  /// Side of a block, in tokens.
  static let side = 128

  /// Blocks of queries.
  let queryBlocks: Int
  /// Blocks of one head.
  let total: Int
  /// Blocks of the longest row, which one multiprocessor works through alone.
  let longest: Int

  /// - Complexity: O(blocks of queries).
  init(of kernel: AttentionKernel) {
    let side = Self.side
    let keyBlocks = (kernel.keyLength + side - 1) / side
    queryBlocks = (kernel.queryLength + side - 1) / side
    // The last query sees the last key, so queries are the newest of the keys.
    let offset = kernel.keyLength - kernel.queryLength
    var total = 0
    var longest = 0
    for block in 0..<queryBlocks {
      let firstQuery = offset + block * side
      let lastQuery = min(firstQuery + side, kernel.keyLength) - 1
      let end = kernel.isCausal ? max(lastQuery, 0) / side + 1 : keyBlocks
      let start = kernel.window.map { max(0, firstQuery - $0 + 1) / side } ?? 0
      let visible = max(1, min(end, keyBlocks) - start)
      total += visible
      longest = max(longest, visible)
    }
    self.total = total
    self.longest = longest
  }
}

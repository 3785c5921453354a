import Graph
import Testing

@testable import Cost

@Suite("Attention blocks")
struct AttentionBlocksTests {
  /// Counts by asking for every block whether any of its pairs is visible.
  private func counted(_ kernel: AttentionKernel) -> (total: Int, longest: Int) {
    let offset = kernel.keyLength - kernel.queryLength
    var total = 0
    var longest = 0
    for rows in stride(from: 0, to: kernel.queryLength, by: 128) {
      var row = 0
      for columns in stride(from: 0, to: kernel.keyLength, by: 128) {
        let isVisible = (rows..<min(rows + 128, kernel.queryLength)).contains { query in
          (columns..<min(columns + 128, kernel.keyLength)).contains { key in
            let position = query + offset
            let seesPast = kernel.window.map { key > position - $0 } ?? true
            return seesPast && (!kernel.isCausal || key <= position)
          }
        }
        row += isVisible ? 1 : 0
      }
      total += row
      longest = max(longest, row)
    }
    return (total, longest)
  }

  @Test("agree with asking every pair", arguments: [nil, 1, 100, 128, 129, 300])
  func oracle(window: Int?) {
    for queries in [1, 2, 128, 129, 300, 512] {
      for extra in [0, 1, 128, 200] {
        let kernel = AttentionKernel(
          batch: 1, heads: 1, keyValueHeads: 1, queryLength: queries, keyLength: queries + extra,
          queryKeyDimension: 64, valueDimension: 64, isCausal: true, window: window)
        let blocks = AttentionBlocks(of: kernel)
        let expected = counted(kernel)
        #expect(blocks.total == expected.total, "\(queries) of \(queries + extra)")
        #expect(blocks.longest == expected.longest)
      }
    }
  }

  @Test("a causal square is its triangle with the diagonal, a full one its square")
  func closedForms() {
    for n in 1...20 {
      func blocks(isCausal: Bool) -> AttentionBlocks {
        AttentionBlocks(
          of: AttentionKernel(
            batch: 1, heads: 1, keyValueHeads: 1, queryLength: 128 * n, keyLength: 128 * n,
            queryKeyDimension: 64, valueDimension: 64, isCausal: isCausal))
      }
      #expect(blocks(isCausal: true).total == n * (n + 1) / 2)
      #expect(blocks(isCausal: false).total == n * n)
      #expect(blocks(isCausal: true).longest == n)
    }
  }
}

import Cost
import Graph
import Hardware
import Testing
import Units

@Suite("Batched products")
struct BatchedGEMMTests {
  @Test("a batch takes longer than one product and no longer than all of them in a row")
  func between() throws {
    for cluster in try Cluster.catalog() {
      for rows in [1, 16, 64, 512] {
        for (columns, inner) in [(512, 128), (128, 512), (4096, 4096)] {
          for batch in [2, 16, 128] {
            let one = denseGEMMCost(
              of: MatrixMultiply(rows: rows, columns: columns, inner: inner), on: cluster.device)
            let all = denseGEMMCost(
              of: MatrixMultiply(rows: rows, columns: columns, inner: inner, batch: batch),
              on: cluster.device)
            #expect(all.duration > one.duration)
            #expect(all.duration <= Double(batch) * one.duration)
          }
        }
      }
    }
  }

  @Test("work is that of all products")
  func work() {
    let product = MatrixMultiply(rows: 3, columns: 5, inner: 7, batch: 11)
    #expect(product.flops.count == 2 * 3 * 5 * 7 * 11)
  }
}

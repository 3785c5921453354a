import Parallelism
import Testing

@Suite("layouts of layers over stages")
struct PipelineLayoutTests {
  @Test("even layouts give every stage the same")
  func even() throws {
    #expect(try PipelineLayout.even.layers(count: 48, ranks: 2, chunks: 3) == [8, 8, 8, 8, 8, 8])
  }

  @Test("126 layers with embedding and loss counted fill 16 stages, 7 at the ends and 8 between")
  func counting() throws {
    let layers = try PipelineLayout.counting(embedding: true, loss: true).layers(
      count: 126, ranks: 16)
    #expect(layers == [7] + [Int](repeating: 8, count: 14) + [7])
  }

  @Test("a stage may hold the embedding or the loss alone")
  func emptyStages() throws {
    let layers = try PipelineLayout.counting(embedding: true, loss: true).layers(count: 6, ranks: 8)
    #expect(layers == [0, 1, 1, 1, 1, 1, 1, 0])
  }

  @Test("ends have numbers of their own, split over their chunks")
  func ends() throws {
    #expect(try PipelineLayout.ends(first: 4, last: 6).layers(count: 26, ranks: 4) == [4, 8, 8, 6])
    #expect(
      try PipelineLayout.ends(first: 2, last: nil).layers(count: 10, ranks: 3, chunks: 2)
        == [1, 2, 2, 1, 2, 2])
  }

  @Test("DeepSeek-V3's layout as Megatron writes it")
  func written() throws {
    let layout = try PipelineLayout(megatron: "Et*3|(tt|)*29,m|L")
    guard case .custom(let layers) = layout else { return #expect(Bool(false), "a custom layout") }
    #expect(layers == [3] + [Int](repeating: 2, count: 29) + [0, 0])
    #expect(layers.reduce(0, +) == 61)
  }

  @Test("every layout adds up to the model, over any even split")
  func sums() throws {
    for ranks in 1...8 {
      for chunks in 1...3 {
        let stages = ranks * chunks
        for embedding in [false, true] {
          for loss in [false, true] {
            let extra = (embedding ? 1 : 0) + (loss ? 1 : 0)
            let count = 3 * stages - extra
            let layers = try PipelineLayout.counting(embedding: embedding, loss: loss).layers(
              count: count, ranks: ranks, chunks: chunks)
            #expect(layers.reduce(0, +) == count)
            #expect(layers.count == stages)
          }
        }
      }
    }
  }

  @Test(
    "refusals say what was found and what would do",
    arguments: [
      (PipelineLayout.even, "48 layers do not divide into 5 equal pipeline stages"),
      (.counting(embedding: true, loss: false), "48 layers and 1 for embedding or loss"),
      (.ends(first: 1, last: nil), "leave 47 layers for 4 ranks"),
      (.custom([24, 24]), "found 2 stages, expected PP · VPP = 5"),
      (.custom([10, 10, 10, 10, 10]), "hold 50 layers, the model has 48"),
    ])
  func refusals(layout: PipelineLayout, message: String) {
    let error = #expect(throws: LayoutError.self) { try layout.layers(count: 48, ranks: 5) }
    #expect(
      error?.description.contains(message) == true, "\(error.map(String.init(describing:)) ?? "")")
  }

  @Test(
    "written layouts that Megatron refuses are refused",
    arguments: ["", "tt|L", "Ett|t", "Etx|L", "E(tt|L", "Et*|L", "Et|EtL", "Em|tL"])
  func malformed(text: String) {
    #expect(throws: LayoutError.self) { try PipelineLayout(megatron: text) }
  }
}

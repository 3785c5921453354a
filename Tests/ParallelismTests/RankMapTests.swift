import Parallelism
import Testing

@Suite("Rank map") struct RankMapTests {
  @Test("a small plan with experts")
  func small() {
    let plan = ParallelPlan(tensor: 4, pipeline: 2, expert: 2, data: 2)
    #expect(
      RankMap(RankGrid(plan)).text == """
        TP4-CP1-PP2-EP2-ETP4-DP2 (EDP1): 16 ranks, 2 nodes of 8
        EP.EDP[ranks of a TP group, TP0 first]
        node 0 PP0  0.0[ 0  1  2  3]  1.0[ 4  5  6  7]
        node 1 PP1  0.0[ 8  9 10 11]  1.0[12 13 14 15]

        """)
  }

  @Test("experts that fold over tensor ranks show as ranges")
  func folded() {
    let plan = ParallelPlan(tensor: 2, expert: 4, expertTensor: 1, data: 2)
    #expect(
      RankMap(RankGrid(plan), nodeSize: 4).text == """
        TP2-CP1-PP1-EP4-ETP1-DP2 (EDP1): 4 ranks, 1 node of 4
        EP.EDP[ranks of a TP group, TP0 first]
        node 0 PP0  0-1.0[0 1]  2-3.0[2 3]

        """)
  }

  @Test("a node with several stages names them in front of each bracket")
  func mixedStages() {
    let plan = ParallelPlan(tensor: 2, context: 2, pipeline: 2, data: 1)
    #expect(
      RankMap(RankGrid(plan)).text == """
        TP2-CP2-PP2-EP1-ETP2-DP1 (EDP2): 8 ranks, 1 node of 8
        PP.CP.DP[ranks of a TP group, TP0 first]
        node 0 PP0-1  0.0.0[0 1]  0.1.0[2 3]  1.0.0[4 5]  1.1.0[6 7]

        """)
  }

  @Test("the flagship fits on a screen without elision")
  func flagship() {
    let text = RankMap(RankGrid(ParallelPlan(tensor: 4, pipeline: 2, expert: 8, data: 32))).text
    let lines = text.split(whereSeparator: \.isNewline)
    #expect(lines.count == 34)
    #expect(lines.allSatisfy { $0.count <= 100 })
    #expect(lines[2] == "node  0 PP0  0.0[  0   1   2   3]  1.0[  4   5   6   7]")
    #expect(lines[33] == "node 31 PP1  6.3[248 249 250 251]  7.3[252 253 254 255]")
    #expect(!text.contains("elided"))
  }

  @Test("a large cluster shows both ends and says how much is left out")
  func elision() {
    let text = RankMap(RankGrid(ParallelPlan(tensor: 8, pipeline: 16, data: 128))).text
    let lines = text.split(whereSeparator: \.isNewline)
    #expect(lines.count == 35)
    #expect(lines[18] == "… 2016 nodes elided …")
    #expect(lines[34].hasPrefix("node 2047 PP15"))
  }

  @Test("every plan draws every rank once", arguments: 1...16)
  func complete(ranks: Int) {
    for plan in everyPlan(on: ranks) where plan.virtualPipeline == 1 {
      let map = RankMap(RankGrid(plan), nodeSize: 3)
      let drawn = map.text.split(separator: "[").dropFirst(2).flatMap {
        $0.prefix { $0 != "]" }.split(separator: " ").compactMap { Int($0) }
      }
      #expect(drawn == Array(0..<ranks), "\(map.text)")
    }
  }
}

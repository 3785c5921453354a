import Cost
import Parallelism
import Testing

@Suite("Group placement")
struct GroupPlacementTests {
  @Test("ranks of one node are one node")
  func insideNode() {
    let group = RankGroup(base: 4, axes: [.init(size: 4, stride: 1)])
    #expect(
      GroupPlacement(group: group, domainSize: 8)
        == GroupPlacement(ranks: 4, nodes: 1, ranksPerNode: 4))
  }

  @Test("a stride of a node puts one rank on each node")
  func oneRankPerNode() {
    let group = RankGroup(base: 3, axes: [.init(size: 16, stride: 8)])
    #expect(
      GroupPlacement(group: group, domainSize: 8)
        == GroupPlacement(ranks: 16, nodes: 16, ranksPerNode: 1))
  }

  @Test("a group that straddles a boundary reports its fullest node")
  func straddles() {
    let group = RankGroup(base: 6, axes: [.init(size: 6, stride: 1)])
    #expect(
      GroupPlacement(group: group, domainSize: 8)
        == GroupPlacement(ranks: 6, nodes: 2, ranksPerNode: 4))
  }

  @Test("counting by hand agrees for every small grid", arguments: [1, 2, 3, 4, 8])
  func agreesWithCounting(domainSize: Int) {
    for outer in 1...5 {
      for inner in 1...4 {
        for stride in [inner, 8, 24] {
          let group = RankGroup(
            base: 2, axes: [.init(size: inner, stride: 1), .init(size: outer, stride: stride)])
          var members: [Int: Int] = [:]
          for rank in group { members[rank / domainSize, default: 0] += 1 }
          let placement = GroupPlacement(group: group, domainSize: domainSize)
          #expect(placement.ranks == inner * outer)
          #expect(placement.nodes == members.count)
          #expect(placement.ranksPerNode == members.values.max())
        }
      }
    }
  }
}

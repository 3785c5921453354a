import Hardware
import Testing
import Units

@testable import Cost

@Suite("Channel search") struct ChannelSearchTests {
  struct Row: Sendable {
    let name: String
    let fabric: CollectiveFabric
    let ranks: Int
    let ring: ChannelGraph
    let tree: ChannelGraph
    let nvls: ChannelGraph?
  }

  static func graph(_ channels: Int, _ intra: Double, _ inter: Double? = nil) -> ChannelGraph {
    ChannelGraph(channels: channels, intra: intra, inter: inter ?? intra)
  }

  /// What NCCL 2.30 prints for these systems.
  static let rows = [
    Row(
      name: "A100×8", fabric: .a100, ranks: 8, ring: graph(12, 20), tree: graph(12, 20),
      nvls: nil),
    Row(
      name: "H100×8", fabric: .h100, ranks: 8, ring: graph(12, 30), tree: graph(12, 30),
      nvls: graph(8, 40, 60)),
    Row(
      name: "H800×8", fabric: .h800, ranks: 8, ring: graph(8, 20), tree: graph(8, 20),
      nvls: graph(8, 15, 30)),
    Row(
      name: "B200×8", fabric: .b200, ranks: 8, ring: graph(16, 45), tree: graph(16, 45),
      nvls: graph(8, 80, 90)),
    Row(
      name: "GB200 NVL72", fabric: .gb200, ranks: 72, ring: graph(16, 45), tree: graph(16, 45),
      nvls: graph(32, 20, 40)),
    Row(
      name: "A100, 8×200G", fabric: .a100, ranks: 16, ring: graph(8, 24), tree: graph(8, 30, 24),
      nvls: nil),
    Row(
      name: "H100, 8×400G", fabric: .h100, ranks: 16, ring: graph(8, 45), tree: graph(8, 48),
      nvls: graph(8, 40, 48)),
    Row(
      name: "B200, 8×400G", fabric: .b200, ranks: 16, ring: graph(8, 48), tree: graph(8, 96, 48),
      nvls: graph(8, 48)),
  ]

  @Test("finds the channels that NCCL prints", arguments: 0..<rows.count)
  func publishedGraphs(row: Int) {
    let row = Self.rows[row]
    let tuner = Tuner(row.fabric, ranks: row.ranks)
    #expect(tuner.ringGraph == row.ring, "\(row.name) ring")
    #expect(tuner.treeGraph == row.tree, "\(row.name) tree")
    #expect(tuner.nvlsGraph == row.nvls, "\(row.name) NVLS")
  }

  @Test("never asks more of a GPU's links or NICs than they carry")
  func withinLimits() {
    for fabric in CollectiveFabric.all {
      for members in 2...fabric.domainSize {
        for nodes in 1...3 {
          let placement = GroupPlacement(
            ranks: members * nodes, nodes: nodes, ranksPerNode: members)
          let ring = Tuner(fabric: fabric, placement: placement).ringGraph
          #expect(ring.channels >= 1)
          #expect(Double(ring.channels) * ring.intra <= fabric.intraTotal + 1e-6)
          if nodes > 1 {
            #expect(
              Double(ring.channels) * ring.inter <= Double(members) * fabric.rail + 1e-6)
          }
        }
      }
    }
  }

  @Test("a link slower than every candidate still carries one channel")
  func slowLink() {
    let fabric = CollectiveFabric(
      generation: .hopper, intraLink: .pcie(.gigabytesPerSecond(2)), domainSize: 8, hasNVLS: false,
      nics: 1, nicBandwidth: .gigabytesPerSecond(1))
    #expect(Tuner(fabric, ranks: 8).ringGraph == Self.graph(1, 2))
  }
}

import Graph
import Hardware
import Testing
import Units

@testable import Cost

@Suite("History of the tuner") struct TunerTablesTests {
  static let releases = [
    NCCLVersion(2, 12), NCCLVersion(2, 14), NCCLVersion(2, 17), NCCLVersion(2, 18, 1),
    NCCLVersion(2, 18, 5), NCCLVersion(2, 19), NCCLVersion(2, 20), NCCLVersion(2, 21),
    NCCLVersion(2, 23), NCCLVersion(2, 25), NCCLVersion(2, 27), NCCLVersion(2, 28, 3),
    NCCLVersion(2, 28, 9), NCCLVersion(2, 29), NCCLVersion(2, 30),
  ]

  @Test("every release prices every operation on every machine", arguments: releases)
  func allReleases(version: NCCLVersion) {
    for generation in Architecture.allCases {
      let fabric = CollectiveFabric.reference(
        generation, links: 18, gigabits: 400, version: version)
      for ranks in [2, 8, 16, 64] {
        for operation in CollectiveOperation.allCases {
          for size in [Bytes(1), .kibibytes(64), .mebibytes(16), .gibibytes(4)] {
            let cost = collectiveCost(
              of: operation, size: size, placement: .full(ranks), fabric: fabric)
            #expect(cost.time.value.isFinite && cost.time > .zero)
          }
        }
      }
    }
  }

  @Test("a release keeps the constants of the last change before it")
  func changes() {
    func tables(_ generation: Architecture, _ version: NCCLVersion) -> TunerTables {
      TunerTables(generation: generation, cpu: .intel, version: version)
    }
    #expect(tables(.ampere, NCCLVersion(2, 12)).network.ring == [2.7, 4, 28])
    #expect(tables(.ampere, NCCLVersion(2, 16)).network.ring == [2.7, 4, 9.6])
    #expect(tables(.ampere, NCCLVersion(2, 18, 3)).baseTree == [6.8, 14, 0])
    #expect(tables(.hopper, NCCLVersion(2, 18, 5)).nvLink.tree == [0.6, 1.25, 4])
    #expect(tables(.hopper, NCCLVersion(2, 19)).nvLink.tree == [0.6, 1.25, 28])
    #expect(tables(.hopper, .latest).nvLink.tree == [0.6, 1.25, 4])
    #expect(!tables(.hopper, NCCLVersion(2, 16)).hasNVLS)
    #expect(tables(.hopper, NCCLVersion(2, 20)).nvLinkNVLS == 23)
    #expect(tables(.hopper, NCCLVersion(2, 21)).nvLinkNVLS == 25)
    #expect(tables(.blackwell, NCCLVersion(2, 27)).treeCap == [77.4, 82.8, 72])
    #expect(tables(.blackwell, NCCLVersion(2, 28, 3)).nvlsTreeCap == [0, 96, 43.1])
    #expect(tables(.blackwell, .latest).nvlsTreeCap == [0, 96, 80])
    #expect(tables(.blackwell, .latest).ringLL128Cap == [40, 40, 40])
    #expect(tables(.blackwell, NCCLVersion(2, 29)).ringLL128Cap == [34.5, 34.5, 34.5])
  }

  @Test("corrections of trees are shares, one per size")
  func corrections() {
    for column in TunerTables.treeCorrection {
      #expect(column.count == 24)
      #expect(column.allSatisfy { (0.4...1).contains($0) })
    }
  }

  @Test("versions are read and ordered")
  func versions() {
    #expect(NCCLVersion(parsing: "2.18.5") == NCCLVersion(2, 18, 5))
    #expect(NCCLVersion(parsing: "2.30") == NCCLVersion(2, 30))
    #expect(NCCLVersion(2, 9) < NCCLVersion(2, 30))
    #expect(NCCLVersion(2, 28, 9).description == "2.28.9")
    for text in ["", "2", "2.x", "2..1", "2.1.1.1", "2.-1"] {
      #expect(NCCLVersion(parsing: text) == nil)
    }
  }
}

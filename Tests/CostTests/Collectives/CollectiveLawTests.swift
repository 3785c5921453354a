import Graph
import Hardware
import Testing
import Units

@testable import Cost

/// What must hold of any cost, whatever the constants.
@Suite("Laws of collective costs") struct CollectiveLawTests {
  static let operations = CollectiveOperation.allCases
  static let sizes = (0...34).map { Bytes(1 << $0) }

  static func placements(_ ranks: Int, on fabric: CollectiveFabric) -> [GroupPlacement] {
    (1...min(ranks, fabric.domainSize)).filter { ranks % $0 == 0 }.map {
      GroupPlacement(ranks: ranks, nodes: ranks / $0, ranksPerNode: $0)
    }
  }

  @Test("costs are positive and finite", arguments: 2...64)
  func positive(ranks: Int) {
    for fabric in CollectiveFabric.all {
      for placement in Self.placements(ranks, on: fabric) {
        for operation in Self.operations {
          for size in Self.sizes {
            let cost = collectiveCost(
              of: operation, size: size, placement: placement, fabric: fabric)
            guard cost.time.value.isFinite, cost.time > .zero, cost.blocks > 0,
              min(cost.latency, cost.transfer, cost.fill) >= .zero
            else {
              Issue.record("\(placement) \(operation) \(size): \(cost)")
              return
            }
          }
        }
      }
    }
  }

  @Test("an empty message costs its latency")
  func empty() {
    for operation in Self.operations {
      let cost = collectiveCost(of: operation, size: .zero, placement: .full(8), fabric: .h100)
      #expect(cost.time == cost.latency)
    }
  }

  @Test("a lone rank has nothing to do")
  func lone() {
    let alone = GroupPlacement(ranks: 1, nodes: 1, ranksPerNode: 1)
    for operation in Self.operations {
      #expect(
        collectiveCost(of: operation, size: .gibibytes(1), placement: alone, fabric: .h100) == .free
      )
    }
  }

  @Test("the same way takes longer for twice the bytes", arguments: [2, 4, 8, 16, 32, 64])
  func monotoneInSize(ranks: Int) {
    for fabric in CollectiveFabric.all {
      for operation in Self.operations {
        for (small, large) in zip(Self.sizes, Self.sizes.dropFirst()) {
          let placement = GroupPlacement.full(ranks, domain: fabric.domainSize)
          let less = collectiveCost(
            of: operation, size: small, placement: placement, fabric: fabric)
          let more = collectiveCost(
            of: operation, size: large, placement: placement, fabric: fabric)
          guard less.choice?.algorithm == more.choice?.algorithm,
            less.choice?.transferProtocol == more.choice?.transferProtocol
          else { continue }
          #expect(less.time <= more.time, "\(operation) \(ranks) \(large) \(less) \(more)")
        }
      }
    }
  }

  /// NCCL may choose badly on a faster machine, so the law is one of each choice.
  @Test("faster NICs never raise the cost of the same way", arguments: Self.operations)
  func monotoneInNetwork(operation: CollectiveOperation) {
    for size in Self.sizes {
      var previous: CollectiveCost?
      for gigabits in [50.0, 100, 200, 400, 800, 1600] {
        let fabric = CollectiveFabric.reference(.hopper, links: 18, gigabits: gigabits)
        let cost = collectiveCost(of: operation, size: size, placement: .full(32), fabric: fabric)
        if let previous, previous.isSameWay(as: cost) {
          #expect(cost.time <= previous.time, "\(operation) \(size) at \(gigabits) Gb/s")
        }
        previous = cost
      }
    }
  }

  @Test("more NVLinks never raise the cost of the same way", arguments: Self.operations)
  func monotoneInLinks(operation: CollectiveOperation) {
    for size in Self.sizes {
      var previous: CollectiveCost?
      for links in 4...36 {
        let fabric = CollectiveFabric.reference(.hopper, links: links, gigabits: 400)
        let cost = collectiveCost(of: operation, size: size, placement: .full(8), fabric: fabric)
        if let previous, previous.isSameWay(as: cost) {
          #expect(
            cost.time <= previous.time,
            "\(operation) \(size) with \(links) links")
        }
        previous = cost
      }
    }
  }

  @Test("a ring's reduce-scatter and all-gather move what its all-reduce moves, and the own parts")
  func ringIdentity() throws {
    for ranks in [2, 3, 8, 16, 64] {
      let tuner = Tuner(.h100, ranks: ranks)
      func transfer(_ operation: CollectiveOperation) throws -> Double {
        let choice = try #require(
          tuner.rankedChoices(for: operation, size: .gibibytes(1)).first {
            $0.algorithm == .ring && $0.transferProtocol == .simple
          })
        return tuner.cost(of: choice, operation, .gibibytes(1)).transfer.value
      }
      let halves = try transfer(.reduceScatter) + transfer(.allGather)
      // All ranks of a node handle their own part beside the n − 1 that travel.
      let own = ranks <= 8 ? CollectiveFabric.h100.calibration.ownPart / Double(ranks - 1) : 0
      #expect(abs(halves / (try transfer(.allReduce)) - (1 + own)) < 1e-12)
    }
  }
}

extension CollectiveCost {
  /// Whether two prices are of the same algorithm and protocol.
  func isSameWay(as other: CollectiveCost) -> Bool {
    choice?.algorithm == other.choice?.algorithm
      && choice?.transferProtocol == other.choice?.transferProtocol
  }
}

import Testing
import Units

@testable import Cost

@Suite("Messages") struct TransferCostTests {
  /// nccl-tests sendrecv on B200×8 (a ring of eight), GB/s.
  @Test("open more channels for larger messages, as measured")
  func channelSteps() {
    for (mebibytes, expected) in [(64, 84.0), (128, 168), (256, 331), (512, 625)] {
      let size = Bytes.mebibytes(mebibytes)
      let cost = transferCost(of: size, isIntraNode: true, fabric: .b200, communicatorRanks: 8)
      let rate = Double(size.count) / cost.time.value * 1e-9
      #expect(abs(rate / expected - 1) < 0.06, "\(mebibytes) MiB: \(rate)")
    }
  }

  /// nccl-tests sendrecv between B200 nodes, NCCL 2.29.7: ranks, KiB, µs.
  @Test("between nodes take what was measured, within 20 percent")
  func acrossNodes() {
    let cases: [(Int, Int, Double)] = [
      (16, 1024, 50.61), (16, 262_144, 6394.37), (32, 8192, 208.26), (32, 65_536, 1529.37),
      (64, 65_536, 2560.43), (128, 262_144, 18298.26), (256, 1024, 101.21), (256, 8192, 602.63),
    ]
    for (ranks, kibibytes, measured) in cases {
      let cost = transferCost(
        of: .kibibytes(kibibytes), isIntraNode: false, fabric: .b200, communicatorRanks: ranks)
      #expect(abs(cost.time.microseconds / measured - 1) < 0.20, "\(ranks) ranks: \(cost.time)")
    }
  }

  /// A framework's send and receive between two H100 of a node: 10 and 30 µs.
  @Test("between two H100 of a node take what was measured")
  func hopperPair() {
    for (mebibytes, measured) in [(1, 10.0), (8, 30.0)] {
      let cost = transferCost(of: .mebibytes(mebibytes), isIntraNode: true, fabric: .h100)
      #expect(abs(cost.time.microseconds / measured - 1) < 0.10, "\(cost.time)")
    }
  }

  @Test("never get cheaper with size or dearer with bandwidth")
  func monotone() {
    for fabric in CollectiveFabric.all {
      for isIntraNode in [true, false] {
        let times = (0...34).map {
          transferCost(of: Bytes(1 << $0), isIntraNode: isIntraNode, fabric: fabric).time
        }
        #expect(times[0] > .zero)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
      }
    }
    let slow = CollectiveFabric.reference(.hopper, links: 18, gigabits: 200)
    #expect(
      transferCost(of: .gibibytes(1), isIntraNode: false, fabric: slow).time
        > transferCost(of: .gibibytes(1), isIntraNode: false, fabric: .h100).time)
  }
}

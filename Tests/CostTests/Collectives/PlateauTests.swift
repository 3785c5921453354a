import Graph
import Hardware
import Testing
import Units

@testable import Cost

/// Published bus bandwidths of large messages.
@Suite("Plateaus") struct PlateauTests {
  struct Plateau: Sendable {
    let name: String
    let operation: CollectiveOperation
    let fabric: CollectiveFabric
    let ranks: Int
    let gibibytes: Double
    /// Measured, GB/s.
    let busBandwidth: Double
    var tolerance = 0.06
  }

  static let gb300 = CollectiveFabric.reference(
    .blackwell, links: 18, domain: 64, gigabits: 800)

  static let plateaus = [
    Plateau(
      name: "A100×8", operation: .allReduce, fabric: .a100, ranks: 8, gibibytes: 8,
      busBandwidth: 235),
    Plateau(
      name: "A100×16", operation: .allReduce, fabric: .a100, ranks: 16, gibibytes: 8,
      busBandwidth: 189),
    Plateau(
      name: "H100×8", operation: .allReduce, fabric: .h100, ranks: 8, gibibytes: 8,
      busBandwidth: 479),
    Plateau(
      name: "H200×4", operation: .allReduce, fabric: .h100, ranks: 4, gibibytes: 8,
      busBandwidth: 363),
    Plateau(
      name: "H200×6", operation: .allReduce, fabric: .h100, ranks: 6, gibibytes: 8,
      busBandwidth: 436),
    Plateau(
      name: "H200×7", operation: .allReduce, fabric: .h100, ranks: 7, gibibytes: 8,
      busBandwidth: 460),
    Plateau(
      name: "H100×16", operation: .allReduce, fabric: .h100, ranks: 16, gibibytes: 8,
      busBandwidth: 469),
    Plateau(
      name: "H100×32", operation: .allReduce, fabric: .h100, ranks: 32, gibibytes: 8,
      busBandwidth: 366),
    Plateau(
      name: "H100×64", operation: .allReduce, fabric: .h100, ranks: 64, gibibytes: 8,
      busBandwidth: 355, tolerance: 0.11),
    Plateau(
      name: "H100×1024", operation: .allReduce, fabric: .h100, ranks: 1024, gibibytes: 8,
      busBandwidth: 367),
    Plateau(
      name: "B200×8", operation: .allReduce, fabric: .b200, ranks: 8, gibibytes: 8,
      busBandwidth: 846, tolerance: 0.08),
    Plateau(
      name: "B200×4", operation: .allReduce, fabric: .b200, ranks: 4, gibibytes: 8,
      busBandwidth: 673),
    Plateau(
      name: "B200×16", operation: .allReduce, fabric: .b200, ranks: 16, gibibytes: 8,
      busBandwidth: 700, tolerance: 0.08),
    Plateau(
      name: "B200×32", operation: .allReduce, fabric: .b200, ranks: 32, gibibytes: 8,
      busBandwidth: 382, tolerance: 0.08),
    Plateau(
      name: "GB200×72", operation: .allReduce, fabric: .gb200, ranks: 72, gibibytes: 8,
      busBandwidth: 839),
    Plateau(
      name: "GB200×144", operation: .allReduce, fabric: .gb200, ranks: 144, gibibytes: 8,
      busBandwidth: 810),
    Plateau(
      name: "GB300×64", operation: .allReduce, fabric: gb300, ranks: 64, gibibytes: 16,
      busBandwidth: 930, tolerance: 0.11),
    Plateau(
      name: "GB300×128", operation: .allReduce, fabric: gb300, ranks: 128, gibibytes: 16,
      busBandwidth: 738, tolerance: 0.12),
    Plateau(
      name: "A100×8", operation: .allGather, fabric: .a100, ranks: 8, gibibytes: 0.5,
      busBandwidth: 205, tolerance: 0.10),
    Plateau(
      name: "H200×8", operation: .allGather, fabric: .h100, ranks: 8, gibibytes: 4,
      busBandwidth: 361),
    Plateau(
      name: "H100×8", operation: .allGather, fabric: .h100, ranks: 8, gibibytes: 0.5,
      busBandwidth: 335),
    Plateau(
      name: "B200×8", operation: .allGather, fabric: .b200, ranks: 8, gibibytes: 4,
      busBandwidth: 657),
    Plateau(
      name: "B200×16", operation: .allGather, fabric: .b200, ranks: 16, gibibytes: 8,
      busBandwidth: 366),
    Plateau(
      name: "H100×8", operation: .reduceScatter, fabric: .h100, ranks: 8, gibibytes: 0.5,
      busBandwidth: 336),
    Plateau(
      name: "B200×8", operation: .reduceScatter, fabric: .b200, ranks: 8, gibibytes: 4,
      busBandwidth: 677),
    Plateau(
      name: "A100×8", operation: .allToAll, fabric: .a100, ranks: 8, gibibytes: 0.5,
      busBandwidth: 203),
    Plateau(
      name: "H100×8", operation: .allToAll, fabric: .h100, ranks: 8, gibibytes: 0.5,
      busBandwidth: 315, tolerance: 0.09),
    Plateau(
      name: "B200×8", operation: .allToAll, fabric: .b200, ranks: 8, gibibytes: 4, busBandwidth: 659
    ),
    Plateau(
      name: "GB300×64", operation: .allToAll, fabric: gb300, ranks: 64, gibibytes: 8,
      busBandwidth: 667),
  ]

  @Test("reaches the published plateau", arguments: 0..<plateaus.count)
  func plateau(index: Int) {
    let plateau = Self.plateaus[index]
    let size = Bytes(Int(plateau.gibibytes * 1_073_741_824))
    let cost = collectiveCost(
      of: plateau.operation, size: size,
      placement: .full(plateau.ranks, domain: plateau.fabric.domainSize), fabric: plateau.fabric)
    let bus = busBandwidth(
      plateau.operation, ranks: plateau.ranks, size: size, time: cost.time)
    #expect(
      abs(bus / plateau.busBandwidth - 1) <= plateau.tolerance,
      "\(plateau.name) \(plateau.operation.rawValue): \(bus), measured \(plateau.busBandwidth)")
  }

  /// Smallest published times of nccl-tests, µs, for 8 GPUs (two of 8 in the last rows).
  @Test("small messages take what the published floors say, within a third")
  func floors() {
    let cases: [(CollectiveFabric, Int, CollectiveOperation, Double)] = [
      (.h100, 8, .allReduce, 15.6), (.h100, 8, .allGather, 10.4), (.h100, 8, .allToAll, 7.5),
      (.a100, 8, .allReduce, 21.3), (.a100, 8, .allGather, 14.6), (.a100, 8, .allToAll, 12.8),
      (.b200, 8, .allReduce, 25.2), (.b200, 8, .allGather, 16.2), (.b200, 8, .allToAll, 10.7),
      (.h100, 2, .allReduce, 6.5), (.a100, 2, .allReduce, 10.2), (.b200, 2, .allReduce, 10.3),
      (.h100, 16, .allReduce, 29.5), (.a100, 16, .allReduce, 41), (.b200, 16, .allReduce, 40),
      (.h100, 32, .allReduce, 40), (.b200, 16, .allGather, 35),
    ]
    for (fabric, ranks, operation, floor) in cases {
      let cost = collectiveCost(
        of: operation, size: .kibibytes(4), placement: .full(ranks), fabric: fabric)
      let error = cost.time.microseconds / floor - 1
      #expect(abs(error) < 0.34, "\(fabric.generation) \(ranks) \(operation.rawValue): \(error)")
    }
  }
}

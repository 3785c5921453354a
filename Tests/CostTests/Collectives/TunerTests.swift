import Graph
import Hardware
import Testing
import Units

@testable import Cost

@Suite("Tuner") struct TunerTests {
  struct Example: Sendable {
    let name: String
    let fabric: CollectiveFabric
    let ranks: Int
    let operation: CollectiveOperation
    let size: Bytes
    let algorithm: NCCLAlgorithm
    let transferProtocol: NCCLProtocol
    let microseconds: Double
    var isChosen = true
  }

  static func example(
    _ name: String, _ fabric: CollectiveFabric, _ ranks: Int, _ operation: CollectiveOperation,
    _ size: Bytes, _ algorithm: NCCLAlgorithm, _ transferProtocol: NCCLProtocol,
    _ microseconds: Double, isChosen: Bool = true
  ) -> Example {
    Example(
      name: name, fabric: fabric, ranks: ranks, operation: operation, size: size,
      algorithm: algorithm, transferProtocol: transferProtocol, microseconds: microseconds,
      isChosen: isChosen)
  }

  /// Evaluated by hand from the formulas of NCCL 2.30.
  static let examples = [
    example("H100×8", .h100, 8, .allReduce, .gibibytes(1), .nvls, .simple, 3973),
    example("H100×8", .h100, 8, .allReduce, .gibibytes(1), .ring, .simple, 5276, isChosen: false),
    example("H100×8", .h100, 8, .allReduce, .gibibytes(1), .tree, .simple, 6548, isChosen: false),
    example("H100×8", .h100, 8, .allReduce, .gibibytes(1), .ring, .ll128, 5714, isChosen: false),
    example("H100×16", .h100, 16, .allReduce, .gibibytes(1), .nvlsTree, .simple, 4428),
    example("H100×16", .h100, 16, .allReduce, .gibibytes(1), .ring, .simple, 5777, isChosen: false),
    example("H100×16", .h100, 16, .allReduce, .kibibytes(64), .tree, .ll, 30.8),
    example("H100×16", .h100, 16, .allReduce, .kibibytes(64), .ring, .ll, 43.2, isChosen: false),
    example("H100×16", .h100, 16, .allReduce, .kibibytes(64), .tree, .ll128, 49.2, isChosen: false),
    example("H100×256", .h100, 256, .allGather, .mebibytes(256), .ring, .ll128, 1474),
    example(
      "H100×256", .h100, 256, .allGather, .mebibytes(256), .ring, .simple, 1947, isChosen: false),
    example("H100×32", .h100, 32, .allReduce, .gibibytes(1), .nvlsTree, .simple, 5824),
    example("A100×8", .a100, 8, .allReduce, .gibibytes(1), .ring, .simple, 7885),
    example("A100×16", .a100, 16, .allReduce, .gibibytes(1), .ring, .simple, 10670),
    example("H800×8", .h800, 8, .broadcast, .gibibytes(1), .ring, .simple, 6723),
  ]

  @Test("evaluates the worked examples", arguments: 0..<examples.count)
  func workedExamples(index: Int) throws {
    let example = Self.examples[index]
    let ranked = Tuner(example.fabric, ranks: example.ranks)
      .rankedChoices(for: example.operation, size: example.size)
    let choice = try #require(
      ranked.first {
        $0.algorithm == example.algorithm && $0.transferProtocol == example.transferProtocol
      })
    let digits = example.microseconds < 100 ? 0.06 : 1.0
    #expect(
      abs(choice.tunerTime.microseconds - example.microseconds) <= digits,
      "\(example.name): \(choice.tunerTime)")
    #expect((ranked.first == choice) == example.isChosen, "\(example.name): \(ranked[0])")
  }

  /// Bus bandwidths in GB/s that the formulas yield.
  @Test("yields the bus bandwidths of the worked examples")
  func busBandwidths() throws {
    let cases: [(CollectiveFabric, Int, CollectiveOperation, Bytes, Double)] = [
      (.h100, 8, .allReduce, .gibibytes(1), 473),
      (.h100, 16, .allReduce, .gibibytes(1), 454.6),
      (.a100, 8, .allReduce, .gibibytes(1), 238),
      (.a100, 16, .allReduce, .gibibytes(1), 189),
      (.gb200, 72, .allReduce, .gibibytes(8), 916),
      (.h800, 8, .broadcast, .gibibytes(1), 160),
      (.b200, 16, .allGather, .gibibytes(4), 381),
      (.b200, 8, .allReduce, .gibibytes(8), 719),
    ]
    for (fabric, ranks, operation, size, expected) in cases {
      let time = Tuner(fabric, ranks: ranks).choice(for: operation, size: size).tunerTime
      let bus = busBandwidth(operation, ranks: ranks, size: size, time: time)
      #expect(abs(bus - expected) < 1.5, "\(ranks) ranks, \(operation): \(bus)")
    }
  }

  /// One site's measured gains on H200 with NCCL 2.27.7 were 1.00/1.14/1.19/1.26/1.29.
  @Test("the NVLS form of 2.19–2.27 gains over a ring as its constants say")
  func olderNVLSForm() throws {
    let fabric = CollectiveFabric.reference(
      .hopper, links: 18, gigabits: 400, version: NCCLVersion(2, 27, 7))
    for (ranks, expected) in [(4, 1.0), (5, 1.11), (6, 1.16), (7, 1.11), (8, 1.30)] {
      let ranked = Tuner(fabric, ranks: ranks).rankedChoices(for: .allReduce, size: .gibibytes(16))
      let ring = try #require(
        ranked.first { $0.algorithm == .ring && $0.transferProtocol == .simple })
      let gain = max(1, ring.tunerTime / ranked[0].tunerTime)
      #expect(abs(gain - expected) < 0.01, "\(ranks) GPUs: \(gain)")
    }
  }

  @Test("ranks choices by time, the chosen one first")
  func ranking() {
    let tuner = Tuner(.h100, ranks: 16)
    for power in 0...34 {
      let size = Bytes(1 << power)
      let ranked = tuner.rankedChoices(for: .allReduce, size: size)
      #expect(ranked.count == 7)
      #expect(zip(ranked, ranked.dropFirst()).allSatisfy { $0.tunerTime <= $1.tunerTime })
      #expect(ranked[0].tunerTime == tuner.choice(for: .allReduce, size: size).tunerTime)
    }
  }

  @Test("offers only what exists")
  func availability() {
    func algorithms(
      _ fabric: CollectiveFabric, _ placement: GroupPlacement, _ operation: CollectiveOperation
    ) -> [NCCLAlgorithm] {
      let ranked = Tuner(fabric: fabric, placement: placement)
        .rankedChoices(for: operation, size: .mebibytes(1))
      return NCCLAlgorithm.allCases.filter { known in ranked.contains { $0.algorithm == known } }
    }
    let apart = GroupPlacement(ranks: 4, nodes: 4, ranksPerNode: 1)
    #expect(algorithms(.a100, .full(8), .allReduce) == [.tree, .ring])
    #expect(algorithms(.h100, .full(8), .allReduce) == [.tree, .ring, .nvls])
    #expect(algorithms(.h100, .full(16), .allReduce) == [.tree, .ring, .nvlsTree])
    #expect(algorithms(.h100, apart, .allReduce) == [.tree, .ring])
    #expect(algorithms(.h100, apart, .allGather) == [.ring, .pat])
    #expect(algorithms(.h100, .full(8), .reduceScatter) == [.ring, .nvls])
    #expect(algorithms(.gb200, .full(72, domain: 72), .allGather) == [.ring])
    #expect(algorithms(.h100, .full(16), .broadcast) == [.ring])
  }
}

/// nccl-tests' bus bandwidth in GB/s.
func busBandwidth(
  _ operation: CollectiveOperation, ranks: Int, size: Bytes, time: Seconds
) -> Double {
  let share = Double(ranks - 1) / Double(ranks)
  let factor =
    switch operation {
    case .allReduce: 2 * share
    case .allGather, .reduceScatter, .allToAll: share
    case .broadcast, .ringExchange: 1.0
    }
  return factor * Double(size.count) / time.value * 1e-9
}

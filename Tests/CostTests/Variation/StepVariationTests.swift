import Cost
import Graph
import Hardware
import Parallelism
import Testing
import Units

@Suite("unequal ranks, as they are written and priced")
struct StepVariationTests {
  @Test("stragglers, rails and jitter are read back")
  func parsing() throws {
    #expect(try SlowPart(parsing: "rank=17:1.2") == SlowPart(.rank(17), factor: 1.2))
    #expect(try SlowPart(parsing: "node=3:1.1") == SlowPart(.node(3), factor: 1.1))
    #expect(try DegradedRail(parsing: "rail=2:0.5") == DegradedRail(rail: 2, share: 0.5))
    #expect(
      try Jitter(parsing: "kernel=0.05,rank=0.02", seed: 4)
        == Jitter(kernel: 0.05, rank: 0.02, seed: 4))
    #expect(try Jitter(parsing: "rank=0.02", seed: 1) == Jitter(rank: 0.02, seed: 1))
    #expect(try ExpertLoadSource(parsing: "zipf:1.2") == .zipf(1.2))
    #expect(try ExpertLoadSource(parsing: "power:1.5") == .powerLaw(1.5))
    #expect(try ExpertLoadSource(parsing: "a/map.csv") == .map(file: "a/map.csv"))
  }

  @Test(
    "text of another form is refused with the form",
    arguments: [
      "rank=17", "rank:1=2", "rank=-1:2", "gpu=1:2", "rank=1:x", "rank=1:2:3", "", "=:",
      "rank=1.5:2",
    ])
  func malformed(text: String) {
    #expect(throws: VariationError.malformed(text, .slow)) { try SlowPart(parsing: text) }
    #expect(throws: VariationError.malformed(text, .degrade)) { try DegradedRail(parsing: text) }
    #expect(throws: VariationError.malformed("\(text),", .jitter)) {
      try Jitter(parsing: "\(text),", seed: 1)
    }
    #expect(throws: VariationError.malformed(text, .expertLoad)) {
      try ExpertLoadSource(parsing: text)
    }
  }

  @Test("numbers out of range are refused, not-a-number too")
  func ranges() {
    for text in ["rank=1:0", "rank=1:-1", "rank=1:1e9", "rank=1:nan", "node=1:inf"] {
      let error = #expect(throws: VariationError.self) { try SlowPart(parsing: text) }
      #expect(error?.description.contains("not between 0.01 and 1,000") == true)
    }
    for text in ["rail=1:0", "rail=1:1.1", "rail=1:nan"] {
      let error = #expect(throws: VariationError.self) { try DegradedRail(parsing: text) }
      #expect(error?.description.contains("not between 0.001 and 1") == true)
    }
    for text in ["kernel=-0.1", "rank=2", "kernel=nan"] {
      let error = #expect(throws: VariationError.self) { try Jitter(parsing: text, seed: 1) }
      #expect(error?.description.contains("not between 0 and 1") == true)
    }
    for text in ["zipf:-1", "zipf:11", "power:0", "power:nan"] {
      let error = #expect(throws: VariationError.self) { try ExpertLoadSource(parsing: text) }
      #expect(error?.description.contains("an exponent of") == true)
    }
    #expect(throws: VariationError.malformed("kernel=0.1,kernel=0.2", .jitter)) {
      try Jitter(parsing: "kernel=0.1,kernel=0.2", seed: 1)
    }
  }

  @Test("parts that a plan or a cluster does not have are refused with their number")
  func missing() throws {
    let cluster = try Cluster.named("dgx-h100")
    let plan = ParallelPlan(tensor: 4, data: 4)
    func words(_ variation: StepVariation) -> String? {
      #expect(throws: VariationError.self) { try variation.check(plan, on: cluster) }?.description
    }
    #expect(
      words(StepVariation(slow: [SlowPart(.rank(16), factor: 2)]))
        == "--slow rank=16: the plan has 16 ranks, 0 to 15")
    #expect(
      words(StepVariation(slow: [SlowPart(.node(2), factor: 2)]))
        == "--slow node=2: the plan fills 2 nodes, 0 to 1")
    #expect(
      words(StepVariation(degraded: [DegradedRail(rail: 8, share: 0.5)]))
        == "--degrade rail=8: the cluster has 8 rails, 0 to 7")
    try StepVariation(
      slow: [SlowPart(.rank(15), factor: 2), SlowPart(.node(1), factor: 2)],
      degraded: [DegradedRail(rail: 7, share: 0.5)]
    ).check(plan, on: cluster)
  }

  // Loads of experts.

  @Test("loads have mean 1, and a law of exponent 0 is even")
  func loads() {
    for load in [
      ExpertLoad.zipf(1.2, experts: 128), .powerLaw(1.5, experts: 128), .zipf(3, experts: 8),
    ] {
      let count = Double(load.shares.count)
      #expect(abs(load.shares.reduce(0, +) - count) < 1e-9 * count)
      for ranks in [1, 2, 4, 8] {
        let held = load.ofRanks(ranks)
        #expect(abs(held.reduce(0, +) - Double(ranks)) < 1e-9)
      }
    }
    #expect(ExpertLoad.zipf(0, experts: 16).shares.allSatisfy { $0 == 1 })
  }

  @Test("Zipf's most wanted expert gets i times what the i-th does, at exponent 1")
  func zipf() {
    let shares = ExpertLoad.zipf(1, experts: 64, seed: 9).shares.sorted(by: >)
    for (index, share) in shares.enumerated() {
      #expect(abs(shares[0] / share - Double(index + 1)) < 1e-9 * Double(index + 1))
    }
  }

  @Test("another seed shuffles the same loads")
  func shuffled() {
    let (one, two) = (
      ExpertLoad.zipf(1, experts: 32, seed: 1), ExpertLoad.zipf(1, experts: 32, seed: 2)
    )
    #expect(one != two)
    #expect(one.shares.sorted() == two.shares.sorted())
    #expect(one == ExpertLoad.zipf(1, experts: 32, seed: 1))
  }

  @Test("a routing map is read with or without a heading, in any order")
  func map() throws {
    let load = try ExpertLoad(map: "expert,tokens\r\n2, 30\r\n0,10\n\n", file: "m.csv", experts: 4)
    #expect(load.shares == [1, 0, 3, 0])
    #expect(try ExpertLoad(map: "0,1\n1,1", file: "m.csv", experts: 2).shares == [1, 1])
  }

  @Test(
    "a routing map that makes no sense is refused with its line",
    arguments: [
      ("0,1\nx,2", VariationError.malformedMap(file: "m.csv", line: 2, found: "x,2")),
      ("0,-1", .malformedMap(file: "m.csv", line: 1, found: "0,-1")),
      ("0,nan", .malformedMap(file: "m.csv", line: 1, found: "0,nan")),
      ("0,1,2", .malformedMap(file: "m.csv", line: 1, found: "0,1,2")),
      ("4,1", .missingExpert(file: "m.csv", line: 1, expert: 4, experts: 4)),
      ("1,1\n1,1", .repeatedExpert(file: "m.csv", line: 2, expert: 1)),
      ("", .noTokens(file: "m.csv")), ("0,0", .noTokens(file: "m.csv")),
    ])
  func badMap(text: String, error: VariationError) {
    #expect(throws: error) { try ExpertLoad(map: text, file: "m.csv", experts: 4) }
    #expect(error.description.hasPrefix("m.csv: "))
  }

  // Prices.

  /// One all-reduce over the data groups of tensor 8: each group has one rank per node, on one rail.
  private func dataStep(tensor: Int = 8) -> StepGraph {
    let size = Bytes.mebibytes(64)
    return StepGraph(
      grid: RankGrid(ParallelPlan(tensor: tensor, data: 16 / tensor)),
      configuration: StepConfiguration(sequenceLength: 1, microbatches: 1),
      programs: [
        StageProgram(pipelineRank: 0, operations: [], dependencyStart: [0], dependencies: [])
      ],
      works: [
        .collective(Collective(.allReduce, over: .dataContext, input: size, output: size))
      ])
  }

  @Test("a degraded rail slows the groups on it, and no other")
  func rail() throws {
    let cluster = try Cluster.named("dgx-h100")
    let even = try StepCosts(graph: dataStep(), cluster: cluster)
    #expect(even.durations.count == 1)
    let variation = StepVariation(degraded: [DegradedRail(rail: 2, share: 0.5)])
    let costs = try StepCosts(graph: dataStep(), cluster: cluster, variation: variation)
    #expect(costs.durations.count == 8)
    for (group, duration) in costs.durations.enumerated() where group != 2 {
      #expect(duration == even.durations[0])
    }
    let ratio = costs.durations[2].seconds / even.durations[0].seconds
    #expect(ratio > 1.6 && ratio < 2.1)
  }

  @Test("a degraded rail slows every group that spans it, and no group inside a node")
  func railOfAll() throws {
    let cluster = try Cluster.named("dgx-h100")
    let variation = StepVariation(degraded: [DegradedRail(rail: 2, share: 0.5)])
    let wide = dataStep(tensor: 1)
    #expect(
      try StepCosts(graph: wide, cluster: cluster, variation: variation).durations[0]
        > StepCosts(graph: wide, cluster: cluster).durations[0])
    let inside = StepGraph(
      grid: RankGrid(ParallelPlan(data: 8)), configuration: wide.configuration,
      programs: wide.programs, works: wide.works)
    #expect(
      try StepCosts(graph: inside, cluster: cluster, variation: variation).durations
        == StepCosts(graph: inside, cluster: cluster).durations)
  }

  @Test("messages take the slower of their two NICs")
  func messages() throws {
    let cluster = try Cluster.named("dgx-h100")
    let step = StepGraph(
      grid: RankGrid(ParallelPlan(tensor: 8, pipeline: 2)),
      configuration: StepConfiguration(sequenceLength: 1, microbatches: 1),
      programs: (0..<2).map {
        StageProgram(pipelineRank: $0, operations: [], dependencyStart: [0], dependencies: [])
      }, works: [.transfer(.mebibytes(16))])
    let even = try StepCosts(graph: step, cluster: cluster)
    let costs = try StepCosts(
      graph: step, cluster: cluster,
      variation: StepVariation(degraded: [DegradedRail(rail: 3, share: 0.25)]))
    func time(_ rank: Int) -> Ticks {
      costs.duration(ofWork: 0, groupIndex: costs.pathIndex(from: rank, to: rank + 8))
    }
    for rank in 0..<8 where rank != 3 { #expect(time(rank) == even.durations[0]) }
    #expect(time(3).seconds / even.durations[0].seconds > 3)
    #expect(costs.pathIndex(from: 3, to: 4) == 0)
  }

  @Test("more of a rail is never slower", arguments: [0.1, 0.25, 0.5, 0.75, 0.9, 1])
  func monotone(share: Double) throws {
    let cluster = try Cluster.named("dgx-h100")
    func time(_ share: Double) throws -> Ticks {
      try StepCosts(
        graph: dataStep(), cluster: cluster,
        variation: StepVariation(degraded: [DegradedRail(rail: 0, share: share)])
      ).duration(ofWork: 0, groupIndex: 0)
    }
    #expect(try time(share) <= time(share * 0.9))
    #expect(try time(1) == StepCosts(graph: dataStep(), cluster: cluster).durations[0])
  }
}

import Graph
import Hardware
import TestSupport
import Testing
import Units

@testable import Cost

@Suite("Exchanges of fused expert dispatchers")
struct ExpertExchangeTests {
  private func exchange(
    _ direction: ExpertExchange.Direction, tokens: Int, ranks: Int
  ) -> ExpertExchange {
    ExpertExchange(
      direction, tokens: tokens, hidden: 7168, topK: 8,
      format: direction == .dispatch ? .fp8 : .bf16, ranks: ranks, nodes: (ranks + 7) / 8)
  }

  // DeepEP's README, low latency over RDMA alone: 128 tokens per rank.
  @Test(
    "low latency is near DeepEP's README",
    arguments: [
      (16, 118.0, 195.0), (32, 155, 273), (64, 173, 314), (128, 192, 369), (256, 194, 360),
    ])
  func readme(ranks: Int, dispatch: Double, combine: Double) throws {
    let cluster = try Cluster.named("dgx-h100")
    let there = lowLatencyExchangeTime(
      of: exchange(.dispatch, tokens: 128, ranks: ranks), on: cluster)
    let back = lowLatencyExchangeTime(
      of: exchange(.combine, tokens: 128, ranks: ranks), on: cluster)
    #expect(abs(there.microseconds / dispatch - 1) < 0.10)
    #expect(abs(back.microseconds / combine - 1) < 0.20)
  }

  // aiconfigurator's table of sglang 0.5.6 on H100 nodes, 24 multiprocessors.
  @Test(
    "the normal exchange is near published times on two and four nodes",
    arguments: [
      (16, 1024, 235.4), (16, 4096, 749), (16, 16384, 2740), (32, 1024, 497), (32, 4096, 1791),
      (32, 16384, 6957),
    ])
  func normal(ranks: Int, tokens: Int, microseconds: Double) throws {
    let cluster = try Cluster.named("dgx-h100")
    let time = normalExchangeTime(
      of: exchange(.dispatch, tokens: tokens, ranks: ranks), on: cluster)
    #expect(abs(time.microseconds / microseconds - 1) < 0.06)
  }

  @Test(
    "the normal exchange of one node is near published times",
    arguments: [
      (ExpertExchange.Direction.dispatch, 4096, 491.24), (.dispatch, 16384, 1930.77),
      (.combine, 1024, 307.14), (.combine, 4096, 973), (.combine, 16384, 3513.27),
    ])
  func oneNode(direction: ExpertExchange.Direction, tokens: Int, microseconds: Double) throws {
    let cluster = try Cluster.named("dgx-h100")
    let time = normalExchangeTime(of: exchange(direction, tokens: tokens, ranks: 8), on: cluster)
    #expect(abs(time.microseconds / microseconds - 1) < 0.25)
  }

  @Test("a token reaches as many nodes as its experts hit")
  func destinations() {
    #expect(expectedDestinations(picks: 8, among: 1) == 1)
    #expect(abs(expectedDestinations(picks: 8, among: 2) - 1.99) < 0.01)
    #expect(abs(expectedDestinations(picks: 8, among: 4) - 3.6) < 0.01)
    #expect(abs(expectedDestinations(picks: 1, among: 64) - 1) < 1e-9)
  }

  @Test("time grows with tokens and, for one count of nodes, not with ranks")
  func laws() throws {
    let cluster = try Cluster.named("dgx-h100")
    for direction in ExpertExchange.Direction.allCases {
      for ranks in [8, 16, 64, 256] {
        let times = [16, 64, 256, 1024].map { tokens in
          lowLatencyExchangeTime(
            of: exchange(direction, tokens: tokens, ranks: ranks), on: cluster)
        }
        #expect(zip(times, times.dropFirst()).allSatisfy(<))
      }
    }
  }

  @Test(
    "low latency explains all published rows of H100 nodes",
    .enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)))
  func published() throws {
    let cluster = try Cluster.named("dgx-h100")
    let text = String(decoding: try SharedData.read("collectives_measured.csv"), as: UTF8.self)
    var errors: [Double] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let fields = MeasuredCollective.fields(of: line)
      guard fields[1] == "moe_dispatch" || fields[1] == "moe_combine",
        fields[13].contains("low-latency (sglang"), let ranks = Int(fields[2]),
        let measured = Double(fields[10]),
        let tokens = fields[15].split(separator: " ").first.flatMap({ Int($0) })
      else { continue }
      let time = lowLatencyExchangeTime(
        of: exchange(
          fields[1] == "moe_dispatch" ? .dispatch : .combine, tokens: tokens, ranks: ranks),
        on: cluster)
      errors.append(abs(time.microseconds / measured - 1))
    }
    #expect(errors.count >= 12)
    #expect(errors.reduce(0, +) / Double(errors.count) < 0.14)
  }
}

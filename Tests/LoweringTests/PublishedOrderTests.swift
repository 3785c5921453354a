import Foundation
import Graph
import Model
import Parallelism
import Simulation
import TestSupport
import Testing
import Units

@testable import Lowering

/// Orders that upstream code produced, with makespans worked out by replaying their tokens.
///
/// A model of one layer per stage, all operations free but one product and its two gradients, must
/// take exactly as long: the lowering adds no dependency between slots and loses none.
@Suite("published pipeline orders, lowered")
struct PublishedOrderTests {
  struct Index: Decodable {
    struct Entry: Decodable, CustomTestStringConvertible {
      let file, placement: String
      let chunks, microbatches: Int
      let timing: [String: Timing]
      var testDescription: String { file }
      var order: PipelinePlacement {
        placement == "bidirectional" ? .bidirectional : placement == "V" ? .v : .loop
      }

      enum CodingKeys: String, CodingKey {
        case file, timing
        case placement = "stage_placement"
        case chunks = "v"
        case microbatches = "m"
      }
    }
    struct Timing: Decodable {
      let forward, inputGradient, weightGradient, message, makespan: Int64

      enum CodingKeys: String, CodingKey {
        case forward = "T_F"
        case inputGradient = "T_I"
        case weightGradient = "T_W"
        case message = "T_comm"
        case makespan
      }
    }
    let entries: [Entry]
  }

  static let entries: [Index.Entry] = {
    guard let data = try? SharedData.read("schedules/index.json"),
      let index = try? JSONDecoder().decode(Index.self, from: data)
    else { return [] }
    return index.entries
  }()

  static func chain(layers: Int) -> TransformerModel {
    TransformerModel(
      name: "chain", family: "llama", hiddenSize: 64, vocabularySize: 512, maximumPositions: 4096,
      layers: Array(
        repeating: TransformerLayer(
          attention: .groupedQuery(
            GroupedQueryAttention(heads: 8, keyValueHeads: 4, headDimension: 8)),
          feedForward: .dense(DenseFeedForward(intermediateSize: 160, isGated: true))),
        count: layers))
  }

  @Test(
    "a step takes as long as the published order",
    .enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)),
    arguments: entries)
  func makespan(entry: Index.Entry) throws {
    let text = String(
      decoding: try SharedData.read("schedules/\(entry.file)"), as: UTF8.self)
    let order = try PipelineOrder(
      published: text, placement: entry.order, chunks: entry.chunks)
    let plan = ParallelPlan.pipeline(order.ranks, chunks: entry.chunks)
    let model = Self.chain(layers: order.stages)
    let graph = try StepGraph(
      lowering: model, under: plan,
      as: StepConfiguration(
        sequenceLength: 32, microbatches: entry.microbatches,
        schedule: order.placement == .bidirectional ? .dualPipe : .oneForwardOneBackward),
      order: order)
    try graph.validate()
    let pairs = order.slots.contains { $0.contains(where: \.pairsWithNext) }
    // The product whose rows and columns no other has, forward and its two gradients.
    for timing in entry.timing.values where !(pairs && timing.message > 0) {
      let timeline = try graph.played { work in
        switch work {
        case .matrixMultiply(let product) where product.columns == 320 && product.inner == 64:
          timing.forward
        case .matrixMultiply(let product) where product.columns == 64 && product.inner == 320:
          timing.inputGradient
        case .matrixMultiply(let product) where product.columns == 320 && product.outputWidth == 8:
          timing.weightGradient
        case .transfer: timing.message
        default: 0
        }
      }
      // In the fourth scenario a pair lasts less than its parts.
      let overlaps = pairs && timing.forward == 2
      #expect(
        overlaps
          ? timeline.makespan.picoseconds >= timing.makespan
          : timeline.makespan.picoseconds == timing.makespan)
    }
  }

  @Test("a V hands over on its rank: no message at the turn, both ways")
  func turn() throws {
    let order = PipelineOrder(
      ranks: 2, chunks: 2, microbatches: 1, placement: .v,
      slots: (0..<2).map { _ in
        [
          Slot(.forward, chunk: 0, microbatch: 0), Slot(.forward, chunk: 1, microbatch: 0),
          Slot(.backward, chunk: 1, microbatch: 0), Slot(.backward, chunk: 0, microbatch: 0),
        ]
      })
    let graph = try StepGraph(
      lowering: Self.chain(layers: 4), under: .pipeline(2, chunks: 2),
      as: StepConfiguration(sequenceLength: 32, microbatches: 1), order: order)
    try graph.validate()
    let messages = graph.programs.map { program in
      program.operations.filter { $0.meeting == .send || $0.meeting == .receive }.map {
        "\($0.kind.label) \($0.chunk)"
      }
    }
    #expect(
      messages == [
        ["send_activation 0", "receive_activation 1", "send_gradient 1", "receive_gradient 0"],
        ["receive_activation 0", "send_activation 1", "receive_gradient 1", "send_gradient 0"],
      ])
    // Rank 1 turns: the first norm of its second chunk waits for the last sum of its first.
    let program = graph.programs[1]
    let first = try #require(
      program.operations.firstIndex { $0.kind == .attentionNorm && $0.chunk == 1 })
    let needed = program.dependencies(of: first).map { program.operations[Int($0)] }
    #expect(needed.map(\.kind) == [.feedForwardResidual])
    #expect(needed.map(\.chunk) == [0])
  }
}

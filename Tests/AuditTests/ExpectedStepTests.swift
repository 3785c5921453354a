import Audit
import Foundation
import Graph
import Model
import Parallelism
import TestSupport
import Testing

/// The expectation itself against published counts, without any graph.
@Suite("what a step must contain")
struct ExpectedStepTests {
  private func flagship(expertTensor: Int = 4) throws -> ExpectedStep {
    ExpectedStep(
      model: try TransformerModel(named: "qwen3-30b-a3b"),
      plan: ParallelPlan(
        tensor: 4, pipeline: 2, expert: 8, expertTensor: expertTensor, data: 32),
      configuration: StepConfiguration(sequenceLength: 4096, microbatches: 1))
  }

  @Test(
    "collectives per rank and microbatch are the published 458 and 462, 314 and 318",
    arguments: [(4, [458, 462]), (1, [314, 318])])
  func collectives(expertTensor: Int, counts: [Int]) throws {
    let expected = try flagship(expertTensor: expertTensor)
    #expect(expected.programs.map(\.collectivesPerMicrobatch) == counts)
  }

  @Test("nodes per rank and microbatch are the published 1542 and 1553")
  func nodes() throws {
    #expect(try flagship().programs.map(\.nodesPerMicrobatch) == [1542, 1553])
  }

  @Test("gradients are reduced in the published buckets")
  func buckets() throws {
    let programs = try flagship().programs
    func bytes(_ kind: OperationKind, stage: Int) -> [Int?] {
      programs[stage].stepOperations.filter { $0.kind == kind }.flatMap {
        [$0.count.lowerBound, $0.collective?.input]
      }
    }
    #expect(bytes(.gradientReduce, stage: 0) == [3, 4 * 197_433_344])
    #expect(bytes(.gradientReduce, stage: 1) == [1, 4 * 197_435_392])
    #expect(bytes(.expertGradientReduce, stage: 0) == [12, 4 * 452_984_832])
    #expect(bytes(.expertGradientReduce, stage: 1) == [1, 4 * 452_984_832])
    #expect(bytes(.sequenceGradientReduce, stage: 0) == [1, 4 * 6_395_904])
    #expect(bytes(.sequenceGradientReduce, stage: 1) == [1, 4 * 6_397_952])
    #expect(bytes(.lossReportReduce, stage: 0).isEmpty)
  }

  /// The nodes behind the identifiers of the published table.
  private static let published: [String: (OperationKind, OperationPass)] = [
    "A2": (.attentionGather, .forward), "A9": (.attentionScatter, .forward),
    "M4": (.routerCountReduce, .forward), "M6": (.tokenCountGather, .forward),
    "M8": (.tokenDispatch, .forward), "M9": (.probabilityDispatch, .forward),
    "M10": (.expertTokenGather, .forward), "M11": (.expertProbabilityGather, .forward),
    "M17": (.expertScatter, .forward), "M18": (.tokenCombine, .forward),
    "M18b": (.tokenCombine, .inputGradient), "M17b": (.expertScatter, .inputGradient),
    "M11b": (.expertProbabilityGather, .inputGradient),
    "M10b": (.expertTokenGather, .inputGradient),
    "M9b": (.probabilityDispatch, .inputGradient), "M8b": (.tokenDispatch, .inputGradient),
    "A9b": (.attentionScatter, .inputGradient), "A2r": (.attentionGather, .weightGradient),
    "A2b": (.attentionGather, .inputGradient),
  ]

  @Test(
    "the collectives of a layer have the published operation, group and bytes",
    .enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)),
    arguments: [4, 1])
  func layerBytes(expertTensor: Int) throws {
    let file = try SharedData.read("semantics/collectives_qwen3_30b_a3b_ep8_tp4_pp2_dp4.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let table = try decoder.decode(PublishedTable.self, from: file)
    let published = try #require(table.perLayer["ETP\(expertTensor)"]).ops
    let operations = try flagship(expertTensor: expertTensor).programs[0].operations
      .filter { $0.layer == 7 }
    for row in published {
      let (kind, pass) = try #require(Self.published[row.id])
      let found = try #require(operations.first { $0.kind == kind && $0.pass == pass })
      guard case .collective(let collective) = found.communication else {
        Issue.record("\(row.id) is no collective")
        continue
      }
      #expect(collective.operation.rawValue == row.op, "\(row.id)")
      #expect(collective.family.label == row.group, "\(row.id)")
      #expect(collective.input == row.bytesInPerRank, "\(row.id)")
      #expect(collective.output == row.bytesOutPerRank, "\(row.id)")
    }
    let expected = operations.count {
      if case .collective = $0.communication { true } else { false }
    }
    #expect(expected == published.count)
  }

  private struct PublishedTable: Decodable {
    struct Layer: Decodable { let ops: [Row] }
    struct Row: Decodable {
      let id, op, group: String
      let bytesInPerRank, bytesOutPerRank: Int
    }
    let perLayer: [String: Layer]
  }
}

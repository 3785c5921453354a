import Foundation
import Graph
import Hardware
import Model
import Parallelism
import TestSupport
import Units

@testable import Estimation

/// A training step of Megatron-LM whose peak of allocated memory was measured.
struct MeasuredMemory {
  let id: String
  let peak: Bytes
  let scenario: Scenario

  /// The rows of `measured_steps.csv` that SimuMax measured on one node of B200.
  static func load() throws -> [MeasuredMemory] {
    let text = String(decoding: try SharedData.read("measured_steps.csv"), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline)
    let names = fields(of: lines[0])
    return try lines.dropFirst().compactMap { line in
      let row = Dictionary(uniqueKeysWithValues: zip(names, fields(of: line)))
      guard row["id"]?.hasPrefix("simumax") == true else { return nil }
      return try MeasuredMemory(row)
    }
  }

  private init?(_ row: [String: String]) throws {
    guard let found = row["notes"]?.firstMatch(of: /measured peak ([0-9.]+) GiB/),
      let gibibytes = Double(found.1), let id = row["id"]
    else { return nil }
    func number(_ name: String) -> Int { row[name].flatMap { Int($0) } ?? 1 }
    let attention = GroupedQueryAttention(
      heads: number("heads"),
      // The launcher of the largest model used 16 query groups.
      keyValueHeads: row["notes"]?.contains("16 query groups") == true ? 16 : number("kv_heads"),
      headDimension: number("head_dim"))
    let layer = TransformerLayer(
      attention: .groupedQuery(attention),
      feedForward: .dense(DenseFeedForward(intermediateSize: number("ffn_hidden"), isGated: true)))
    let model = TransformerModel(
      name: row["model"] ?? "", family: "llama", hiddenSize: number("hidden"),
      vocabularySize: number("vocab"), maximumPositions: number("seq_len"),
      layers: Array(repeating: layer, count: number("layers")))
    let plan = ParallelPlan(
      tensor: number("tp"), context: number("cp"), pipeline: number("pp"), data: number("dp"))
    var configuration = StepConfiguration(
      sequenceLength: number("seq_len"), microBatchSize: number("micro_batch"),
      microbatches: number("global_batch") / number("micro_batch") / number("dp"))
    configuration.overlapsGradientReduce = false
    configuration.overlapsParameterGather = false
    configuration.fusesCrossEntropy = true
    configuration.contextExchange = .allToAll
    self.id = id
    peak = Bytes(Int(gibibytes * 1_073_741_824))
    scenario = try Scenario(
      model: model, plan: plan, configuration: configuration, cluster: Cluster.named("dgx-b200"))
  }

  /// Splits a line at commas outside quotes.
  private static func fields(of line: Substring) -> [String] {
    var fields = [""]
    var isQuoted = false
    for character in line {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: fields.append("")
      default: fields[fields.count - 1].append(character)
      }
    }
    return fields
  }
}

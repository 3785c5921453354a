import ArgumentParser
import Foundation
import Graph
import Parallelism

/// In which order the pipeline runs its slots, and which layers its stages hold.
struct ScheduleOptions: ParsableArguments {
  @Option(
    help: """
      Pipeline schedule: \(PipelineSchedule.names.joined(separator: ", ")). (default: 1f1b, \
      interleaved with VPP)
      """)
  var schedule: String?

  @Option(
    help: .init(
      "Pipeline order to run as written: a row per rank, tokens like 3F0.", valueName: "csv"))
  var scheduleFile: String?

  @Option(help: "Microbatches per turn of a chunk with --schedule interleaved; PP unless given.")
  var group: Int?

  @Flag(
    name: .customLong("overlap-p2p-communication"), inversion: .prefixedNo,
    help: "Pipeline sends and receives beside kernels; off, they block the rank. (default: on)")
  var overlapsMessages: Bool?

  @Option(
    name: [.customLong("pipeline-model-parallel-layout"), .customLong("layout")],
    help: .init(
      "Pipeline layout in Megatron's letters: E embedding, t layer, m MTP, L loss, e.g. Et*3|(tt|)*29,m|L.",
      valueName: "layout"))
  var layout: String?

  @Option(
    name: .customLong("decoder-first-pipeline-num-layers"),
    help: "Layers of the first pipeline rank; the others share the rest evenly.")
  var firstLayers: Int?

  @Option(
    name: .customLong("decoder-last-pipeline-num-layers"),
    help: "Layers of the last pipeline rank; the others share the rest evenly.")
  var lastLayers: Int?

  @Flag(
    name: .customLong("account-for-embedding-in-pipeline-split"),
    help: "Count the embedding as a layer when layers are split over stages.")
  var countsEmbedding = false

  @Flag(
    name: .customLong("account-for-loss-in-pipeline-split"),
    help: "Count the loss as a layer when layers are split over stages.")
  var countsLoss = false

  func validate() throws {
    let layouts = [
      layout != nil, firstLayers != nil || lastLayers != nil, countsEmbedding || countsLoss,
    ]
    guard layouts.count(where: { $0 }) <= 1 else {
      throw ValidationError(
        """
        --pipeline-model-parallel-layout, --decoder-…-pipeline-num-layers and \
        --account-for-…-in-pipeline-split exclude each other
        """)
    }
    guard schedule == nil || scheduleFile == nil else {
      throw ValidationError("--schedule and --schedule-file exclude each other")
    }
    for (name, count) in [
      ("--decoder-first-pipeline-num-layers", firstLayers),
      ("--decoder-last-pipeline-num-layers", lastLayers),
    ] {
      if let count, count < 0 { throw ValidationError("\(name) must be at least 0, got \(count)") }
    }
  }

  /// The schedule asked for; nil where nothing is.
  func resolved() throws -> PipelineSchedule? {
    if let scheduleFile {
      guard group == nil else { throw ValidationError("--group goes with --schedule interleaved") }
      return .written(try PipelineOrder(fileOfUser: scheduleFile))
    }
    if let schedule {
      do {
        return try PipelineSchedule(named: schedule, groupSize: group)
      } catch {
        throw ValidationError(error.description)
      }
    }
    return group.map { .interleaved(groupSize: $0) }
  }

  /// Whether several schedules are to be compared.
  var namesSeveral: Bool { schedule.map { $0 == "all" || $0.contains(",") } ?? false }

  /// The schedules to compare.
  func resolvedAll() throws -> [PipelineSchedule] {
    guard let schedule else { return [] }
    let names =
      schedule == "all" ? PipelineSchedule.names : schedule.split(separator: ",").map(String.init)
    do {
      return try names.map { try PipelineSchedule(named: $0) }
    } catch {
      throw ValidationError("\(error)")
    }
  }

  func apply(to configuration: inout StepConfiguration) throws {
    if let overlapsMessages { configuration.overlapsMessages = overlapsMessages }
    if let layout { configuration.layout = try PipelineLayout(megatron: layout) }
    if firstLayers != nil || lastLayers != nil {
      configuration.layout = .ends(first: firstLayers, last: lastLayers)
    }
    if countsEmbedding || countsLoss {
      configuration.layout = .counting(embedding: countsEmbedding, loss: countsLoss)
    }
  }
}

extension PipelineOrder {
  /// Reads an order that a user named.
  init(fileOfUser path: String) throws {
    do {
      try self.init(contentsOf: URL(filePath: path))
    } catch let error as ScheduleError {
      throw BadData("\(path): \(error)")
    } catch {
      throw BadData("\(path): cannot be read; name a file with one row of tokens per rank")
    }
  }
}

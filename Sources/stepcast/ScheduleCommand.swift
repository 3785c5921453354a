import ArgumentParser
import Foundation
import Parallelism
import Rendering

struct ScheduleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule",
    abstract: "Makes or reads a pipeline order, replays it, and draws it.",
    discussion: """
      Times are per chunk and in any one unit. A searched order (zb-h2, v-half, v-min) is made for \
      the times given.

      Try: stepcast schedule dualpipe --ranks 8 --microbatches 20 -o dualpipe.svg
      """)

  @Argument(help: "\(PipelineSchedule.names.joined(separator: ", ")).")
  var name: String?

  @Option(
    help: .init("Replay this order instead: a row per rank, tokens like 3F0.", valueName: "csv"))
  var file: String?

  @Option(help: "Pipeline ranks.") var ranks: Int?

  @Option(help: "Chunks per rank, of one copy of the model; what the schedule needs unless given.")
  var chunks: Int?

  @Option(help: "Microbatches per step.") var microbatches: Int?

  @Option(help: "Microbatches per turn of a chunk in interleaved; the ranks unless given.")
  var group: Int?

  @Option(help: "Time of a forward.") var forward = 1.0

  @Option(help: "Time of the gradient of the input.") var dgrad = 1.0

  @Option(help: "Time of the gradient of the weights.") var wgrad = 1.0

  @Option(help: "Time of a message between two ranks.") var latency = 0.0

  @Option(help: "Time of a co-scheduled forward and backward; their sum unless given.")
  var pair: Double?

  @Flag(help: "Print only the order, as `--file` reads it.") var csv = false

  @Flag(help: "Print one JSON object.") var json = false

  @Option(
    name: .shortAndLong,
    help: .init("Draw the replay; the extension says the format.", valueName: "file"))
  var output: String?

  func validate() throws {
    for (name, time) in [
      ("--forward", forward), ("--dgrad", dgrad), ("--wgrad", wgrad), ("--latency", latency),
      ("--pair", pair ?? 0),
    ] where !(0...1e12).contains(time) {
      throw ValidationError("\(name) must be from 0 to 1e12, got \(time)")
    }
    guard forward + dgrad + wgrad > 0 else {
      throw ValidationError("--forward, --dgrad and --wgrad are all 0; one must take time")
    }
    if csv, json { throw ValidationError("--csv and --json exclude each other") }
    if file == nil {
      guard name != nil else { throw ValidationError("name a schedule, or an order with --file") }
      guard ranks != nil else { throw ValidationError("--ranks is missing") }
      guard microbatches != nil else { throw ValidationError("--microbatches is missing") }
    } else if name != nil || ranks != nil || chunks != nil || microbatches != nil || group != nil {
      throw ValidationError(
        "--file brings its own order; leave out the name, --ranks, --chunks, --microbatches, --group"
      )
    }
  }

  func run() throws {
    try reportingBadData {
      let picture = try output.map { output in
        let file = URL(filePath: output)
        return (file, try PictureFormat(parsing: file.pathExtension))
      }
      let (label, order) = try makeOrder()
      let report = ScheduleReport(label: label, replay: try ScheduleReplay(order, times))
      if let (file, format) = picture { try report.drawing().write(to: file, as: format) }
      if json {
        print(try stepcast.json(ScheduleJSON(report)), terminator: "")
      } else {
        print(csv ? order.text : report.document().terminal(), terminator: "")
      }
    }
  }

  private var times: PassTimes {
    PassTimes(
      forward: forward, inputGradient: dgrad, weightGradient: wgrad, latency: latency, pair: pair)
  }

  private func makeOrder() throws -> (label: String, order: PipelineOrder) {
    if let file {
      return (URL(filePath: file).lastPathComponent, try PipelineOrder(fileOfUser: file))
    }
    let schedule = try PipelineSchedule(named: name ?? "", groupSize: group)
    let order = try schedule.order(
      ranks: ranks ?? 1, chunks: chunks ?? schedule.usualChunks, microbatches: microbatches ?? 1,
      times: times)
    return (schedule.label, order)
  }
}

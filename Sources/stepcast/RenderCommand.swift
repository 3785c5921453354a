import ArgumentParser
import Estimation
import Foundation
import Parallelism
import Rendering
import Units

struct RenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract:
      "Draws a step: timeline, memory, critical-path, layer or stage, as SVG, PDF, PNG or DOT.")

  enum Picture: String, ExpressibleByArgument, CaseIterable {
    case timeline
    case memory
    case criticalPath = "critical-path"
    case layer
    case stage
  }

  @Argument(help: "timeline, memory, critical-path, layer or stage.") var picture: Picture

  @Option(
    name: .shortAndLong, help: .init("The file; its extension says the format.", valueName: "file"))
  var output: String

  @OptionGroup var step: StepOptions

  @OptionGroup(title: "Simulation") var play: PlayOptions

  @Option(help: "The plan, any order and separators: EP8-TP4-PP2-DP4.")
  var parallel: String?

  @Option(
    parsing: .upToNextOption,
    help: "Ranks whose lanes the timeline shows; one per pipeline stage unless given.")
  var ranks: [Int] = []

  @Option(help: "The layer that `layer` shows.") var layer = 0

  @Flag(help: "Leave out the backward in `layer`.") var forwardOnly = false

  @Option(parsing: .upToNextOption, help: "Pipeline stages that `stage` and `memory` show.")
  var stages: [Int] = []

  private var chosenStages: [Int]? { stages.isEmpty ? nil : stages }

  @Flag(help: "Print one JSON object about the file.") var json = false

  struct JSON: Encodable {
    let file: String
    let format: String
    let boxes: Int
    let elided: Int
  }

  func run() throws {
    try reportingBadData {
      let file = URL(filePath: output)
      let format = try PictureFormat(parsing: file.pathExtension)
      let scenario = try ScenarioBuilder(step).scenario(plan: parallel)
      let estimate = try Spinner.during("simulating \(grouped(scenario.plan.worldSize)) ranks") {
        try Estimate(scenario, mode: play.mode)
      }
      let pictures = Pictures(estimate: estimate)
      let drawing =
        switch picture {
        case .timeline: try pictures.timeline(ranks: ranks.isEmpty ? nil : ranks)
        case .memory: try pictures.memory(stages: chosenStages)
        case .criticalPath: pictures.criticalPath()
        case .layer:
          try pictures.layer(
            layer, rank: ranks.first, includesBackward: !forwardOnly)
        case .stage: try pictures.stage(chosenStages)
        }
      try Spinner.during("drawing") { try drawing.write(to: file, as: format) }
      if json {
        let result = JSON(
          file: output, format: format.rawValue, boxes: drawing.nodes.count,
          elided: drawing.elided)
        print(try stepcast.json(result), terminator: "")
      }
    }
  }
}

import ArgumentParser
import Estimation
import Foundation
import Graph
import Model
import Parallelism
import Rendering
import Units

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes the complete execution DAG, every operation of every rank, as DOT.",
    discussion: """
      The flagship has 396,160 nodes per microbatch, about 130 MB of DOT; narrow it with --ranks, \
      --layers and --microbatches. Edges to operations left out are counted and dropped.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case dot }

  @Argument(help: "dot.") var format: Format

  @Option(
    name: .shortAndLong, help: .init("The file; standard output unless given.", valueName: "file"))
  var output: String?

  @OptionGroup var step: StepOptions

  @Option(help: "The plan, any order and separators: EP8-TP4-PP2-DP4.")
  var parallel: String?

  @Option(help: "Ranks to keep: 0-3,128.") var ranks: NumberSet?
  @Option(help: "Layers to keep: 0,23.") var layers: NumberSet?
  @Option(help: "Microbatches to keep: 0.") var microbatches: NumberSet?

  @Flag(help: "Print one JSON object about the file; needs -o.") var json = false

  struct JSON: Encodable {
    let file: String
    let nodes: Int
    let edges: Int
    let droppedEdges: Int
    let bytes: Int
  }

  func validate() throws {
    guard !json || output != nil else {
      throw ValidationError("--json describes a file; name one with -o")
    }
  }

  func run() throws {
    try reportingBadData {
      let scenario = try ScenarioBuilder(step).scenario(plan: parallel)
      try check(layers, "layer", count: scenario.model.layers.count)
      try check(microbatches, "microbatch", count: scenario.configuration.microbatches)
      let exporter = DOTExporter(
        try scenario.graph(),
        header: DOTHeader(
          model: scenario.model.name, plan: scenario.plan.axisReading,
          configuration: scenario.configuration),
        selection: DOTSelection(
          ranks: ranks?.numbers, layers: layers?.numbers, microbatches: microbatches?.numbers))
      let summary: DOTExporter.Summary
      if let output {
        summary = try Spinner.during("writing \(output)") {
          try exporter.write(to: URL(filePath: output))
        }
      } else {
        let standardOutput = FileHandle.standardOutput
        summary = try exporter.write { try standardOutput.write(contentsOf: Data($0)) }
      }
      if json, let output {
        let result = JSON(
          file: output, nodes: summary.nodes, edges: summary.edges,
          droppedEdges: summary.droppedEdges, bytes: summary.bytes)
        print(try stepcast.json(result), terminator: "")
        return
      }
      let dropped =
        summary.droppedEdges > 0
        ? ", \(grouped(summary.droppedEdges)) edges to operations left out dropped" : ""
      writeToStandardError(
        "\(grouped(summary.nodes)) nodes, \(grouped(summary.edges)) edges\(dropped)\n")
    }
  }
}

extension ExportCommand {
  /// Refuses numbers that the step does not have, which would leave an empty DAG.
  private func check(_ chosen: NumberSet?, _ name: String, count: Int) throws {
    guard let missing = chosen?.numbers.filter({ $0 >= count }).min() else { return }
    throw BadData(
      "there is no \(name) \(missing); the last one of the step is \(name) \(count - 1)")
  }
}

/// Numbers as people list them: `0-3,128`.
struct NumberSet: ExpressibleByArgument {
  let numbers: Set<Int>

  init?(argument: String) {
    var numbers = Set<Int>()
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        first >= 0, last >= first, last - first < 1_000_000
      else { return nil }
      numbers.formUnion(first...last)
    }
    self.numbers = numbers
  }
}

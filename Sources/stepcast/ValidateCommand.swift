import ArgumentParser
import Foundation
import Rendering
import Validation

struct ValidateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Prices measured rows and says how far the predictions are off.",
    discussion: """
      Every row of the table is priced, or counted with the reason why it is not. Errors are \
      predicted over measured, less one: negative is too fast.

      Try: stepcast validate steps measured_steps.csv -o report.md
      """)

  enum Table: String, ExpressibleByArgument, CaseIterable {
    case steps, collectives, kernels

    /// Columns without which a row means nothing.
    var requiredColumns: [String] {
      switch self {
      case .steps: MeasuredStep.requiredColumns
      case .collectives: CollectiveRow.columns
      case .kernels: KernelRow.columns
      }
    }

    func prediction(for row: CSVRow) throws -> Prediction {
      switch self {
      case .steps: try MeasuredStep(row).prediction()
      case .collectives: try CollectiveRow(row).prediction()
      case .kernels: try KernelRow(row).prediction()
      }
    }
  }

  @Argument(help: "What the rows measure: steps, collectives or kernels.") var table: Table

  @Argument(
    help: "The measurements: CSV with a header; other columns than those known are ignored.")
  var file: String

  @Flag(help: "Print one JSON object (documented in docs/json.md).") var json = false

  @Option(
    name: .shortAndLong,
    help: .init("Write the report there, with a picture beside it.", valueName: "report.md"))
  var output: String?

  @Option(help: "Rows to price at the same time; the answer is the same for any number.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    if let output, output.hasSuffix(".svg") {
      throw ValidationError(
        "-o names the report, not its picture, got \(output); write for example -o report.md")
    }
    guard (1...1024).contains(threads) else {
      throw ValidationError("--threads must be between 1 and 1024, got \(threads)")
    }
  }

  func run() async throws {
    let rows = try reportingBadData { try readTable() }
    var bar = ProgressBar(total: rows.rows.count, unit: "rows")
    let kind = table
    let report = await ValidationReport(
      of: rows, threads: threads, progress: { bar.advance() },
      predict: { try kind.prediction(for: $0) })
    bar.finish()
    try reportingBadData {
      let text = ValidationText(report: report, kind: table.rawValue)
      if let output { try text.write(to: URL(filePath: output)) }
      print(
        json ? try stepcast.json(ValidationJSON(report)) : text.document.terminal(),
        terminator: "")
    }
  }

  private func readTable() throws -> CSVTable {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw BadData("\(file): cannot be read; name a table of measurements in CSV")
    }
    let table = try CSVTable(parsing: data, file: file, requiring: table.requiredColumns)
    guard !table.rows.isEmpty else {
      throw BadData("\(file): the table has a header and no rows; there is nothing to price")
    }
    return table
  }
}

extension CollectiveRow {
  func prediction() throws -> Prediction {
    let price = try price()
    return Prediction(
      id: id, measured: try measured(), predicted: price.time, low: price.low, high: price.high,
      source: source, hardware: hardware, family: family, precision: precision)
  }
}

extension KernelRow {
  func prediction() throws -> Prediction {
    let price = try price()
    return Prediction(
      id: id, measured: try measured(), predicted: price.time, low: price.low, high: price.high,
      source: source, hardware: hardware, family: family, precision: precision)
  }
}

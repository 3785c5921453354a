import Foundation
import StepStages

/// Runs every stage and prints a table; with `--tiny` on small steps, as tests do. Allocations above
/// the committed limits fail.
@main enum StepTable {
  static func main() {
    do {
      let options = try Options(Array(CommandLine.arguments.dropFirst()))
      if let file = options.dump {
        try GraphDump(size: options.size).write(to: file)
        return
      }
      var measurements: [Measurement] = []
      for stage in Stage.all(options.size) where options.includes(stage.name) {
        let measurement = try Measurement(of: stage, runs: options.size == .full ? 5 : 1)
        print(measurement.row)
        measurements.append(measurement)
      }
      for ratio in Ratio.all { ratio.print(from: measurements) }
      try AllocationLimits(options.size).check(measurements)
    } catch {
      FileHandle.standardError.write(Data("\(error)\n".utf8))
      exit(EXIT_FAILURE)
    }
  }
}

/// What the command line asks for.
struct Options {
  private(set) var size = StepSize.full
  /// A part of the names of the stages to run.
  private(set) var part: String?
  /// A file for the explicit graph, for other simulators.
  private(set) var dump: URL?

  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--tiny": size = .tiny
      case "--stage": part = rest.popFirst()
      case "--dump": dump = rest.popFirst().map { URL(filePath: $0) }
      default: throw OptionError(argument: argument)
      }
    }
  }

  func includes(_ name: String) -> Bool { part.map(name.contains) ?? true }
}

struct OptionError: Error, CustomStringConvertible {
  let argument: String

  var description: String {
    "unknown option \(argument); expected --tiny, --stage PART-OF-NAME or --dump FILE"
  }
}

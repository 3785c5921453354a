import ArgumentParser
import Cost
import Estimation
import Foundation
import Hardware
import Model

/// How ranks differ: stragglers, degraded rails, jitter, uneven experts.
struct VariationOptions: ParsableArguments {
  @Option(
    help: .init(
      "Kernels of a rank or of a node's ranks take longer by a factor; may be given several times.",
      valueName: "rank=17:1.2 | node=3:1.1"),
    transform: { try reportingUsage(SlowPart(parsing: $0)) })
  var slow: [SlowPart] = []

  @Option(
    help: .init(
      "The NICs of a rail keep a share of their bandwidth; may be given several times.",
      valueName: "rail=2:0.5"),
    transform: { try reportingUsage(DegradedRail(parsing: $0)) })
  var degrade: [DegradedRail] = []

  @Option(
    help: .init(
      "Standard deviations of log-normal factors of mean 1, drawn per kernel and per rank.",
      valueName: "kernel=0.05,rank=0.02"),
    transform: { try reportingUsage(Jitter(parsing: $0, seed: 1)) })
  var jitter: Jitter?

  @Option(
    help: .init(
      """
      How unevenly experts are asked: by Zipf's law, by a power law, or as a routing map with lines of \
      expert,tokens says.
      """, valueName: "zipf:1.2 | power:1.5 | file.csv"),
    transform: { try reportingUsage(ExpertLoadSource(parsing: $0)) })
  var expertLoad: ExpertLoadSource?

  @Option(help: "Where random numbers begin; the same seed gives the same answer. (default: 1)")
  var seed: UInt64?

  @Option(help: "Steps to play with other draws of --jitter; prints quantiles of their times.")
  var samples: Int?

  @Option(help: "Samples to play at the same time; the answer is the same for any number.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    guard (1...1024).contains(threads) else {
      throw ValidationError("--threads must be between 1 and 1024, got \(threads)")
    }
    if let samples {
      guard (1...1_000_000).contains(samples) else {
        throw ValidationError("--samples must be between 1 and 1,000,000, got \(samples)")
      }
      guard let jitter, jitter.kernel > 0 || jitter.rank > 0 else {
        throw ValidationError(
          "--samples needs --jitter: without, all are the same; for example --jitter kernel=0.05,rank=0.02"
        )
      }
    }
    guard seed == nil || jitter != nil || expertLoad != nil else {
      throw ValidationError("--seed changes nothing without --jitter or --expert-load")
    }
  }

  /// How the ranks of a step differ.
  ///
  /// - Throws: `VariationError` for a map of experts that makes no sense or a model without experts.
  func variation(of model: TransformerModel) throws -> StepVariation {
    let seed = self.seed ?? 1
    return StepVariation(
      slow: slow, degraded: degrade,
      jitter: jitter.map { Jitter(kernel: $0.kernel, rank: $0.rank, seed: seed) },
      expertLoad: try expertLoad?.load(of: model, seed: seed, reading: text))
  }

  private func text(ofFile path: String) throws -> String {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw BadData("cannot read \(path); --expert-load takes the path of a CSV file")
    }
    return String(decoding: data, as: UTF8.self)
  }
}

/// Says what is wrong with an argument as the parser's own errors do, exit code 64.
private func reportingUsage<Value>(
  _ value: @autoclosure () throws(VariationError) -> Value
) throws -> Value {
  do {
    return try value()
  } catch {
    throw ValidationError("\(error)")
  }
}

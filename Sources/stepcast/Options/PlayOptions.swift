import ArgumentParser
import Estimation
import Foundation
import Units

/// How a step is played.
struct PlayOptions: ParsableArguments {
  enum Fold: String, ExpressibleByArgument, CaseIterable {
    case auto
    case off
  }

  @Option(
    help: """
      auto plays one rank for all that are bound to do the same; off plays every rank. The answer is \
      the same.
      """)
  var fold = Fold.auto

  @Flag(
    help: """
      Let concurrent works share NVLink ports, NICs and switches, and let communication take \
      multiprocessors and memory bandwidth from kernels; plays every rank.
      """)
  var contention = false

  @Option(
    help: .init(
      "What the times of all operations may take, e.g. 16 GiB. (default: this machine's memory)",
      valueName: "size"),
    transform: { text in
      do {
        return try Bytes(parsing: text)
      } catch {
        throw ValidationError("--memory-limit: \(error)")
      }
    })
  var memoryLimit: Bytes?

  var mode: PlayMode {
    PlayMode(
      folds: fold == .auto, sharesLinks: contention,
      memory: memoryLimit
        ?? Bytes(Int(clamping: ProcessInfo.processInfo.physicalMemory)))
  }

  func validate() throws {
    guard memoryLimit.map({ $0 > .zero }) ?? true else {
      throw ValidationError("--memory-limit must be more than nothing, for example 16 GiB")
    }
  }
}

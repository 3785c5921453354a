import Benchmark
import Foundation

/// The flagship question from start to exit, as a user asks it: 30B parameters on 256 GPUs.
func wholeCommandBenchmarks() {
  commandBenchmark(
    "whole command: estimate of the flagship",
    arguments: [
      "estimate", "--model", "qwen3-30b-a3b", "--cluster", "dgx-h100",
      "--parallel", "EP8-TP4-PP2-DP4", "--sequence", "4096", "--micro-batch", "1",
      "--global-batch", "512",
    ])
}

/// Registers a benchmark of one run of `stepcast`, with a new output folder for each run.
///
/// Without the command the benchmark says so and has no results.
private func commandBenchmark(_ name: String, arguments: [String]) {
  let executable = Command.stepcast
  let exists = FileManager.default.isExecutableFile(atPath: executable.path)
  let configuration = Benchmark.Configuration(
    metrics: exists ? [.wallClock, .commandPeakMemory] : [],
    units: [.commandPeakMemory: .mega],
    warmupIterations: exists ? 1 : 0,
    maxDuration: .seconds(10),
    maxIterations: exists ? 20 : 1)

  Benchmark(name, configuration: configuration) { benchmark in
    guard exists else { return }
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "stepcast-benchmark-\(UUID().uuidString)", directoryHint: .isDirectory)
    defer { try? FileManager.default.removeItem(at: folder) }
    let command = Command(executable, arguments + ["-o", folder.path])

    stoppingOnError(in: name) {
      benchmark.startMeasurement()
      let peakMemory = try command.run()
      benchmark.stopMeasurement()
      benchmark.measurement(.commandPeakMemory, peakMemory)
    }
  } setup: {
    guard !exists else { return }
    print(
      """
      \(name): skipped, there is no \(executable.path); build it with \
      `swift build --configuration release` or name another one in STEPCAST_BINARY
      """)
  }
}

extension BenchmarkMetric {
  /// The largest resident memory of the command, in bytes; `peakMemoryResident` would be ours.
  fileprivate static var commandPeakMemory: BenchmarkMetric {
    .custom("Memory of the command (peak)", useScalingFactor: false)
  }
}

import Benchmark

/// Everything `make bench` measures, in the order of the flow: one function and one file per stage.
///
/// Runs once in every process that lists or measures a benchmark, so it registers and does no work.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .peakMemoryResident], units: [.peakMemoryResident: .mega],
    warmupIterations: 1, maxDuration: .seconds(3))
  rankGridBenchmarks()
  graphBenchmarks()
  simulationBenchmarks()
  analysisBenchmarks()
  wholeCommandBenchmarks()
}

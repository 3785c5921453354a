import Benchmark
import StepStages

/// Everything `make bench` measures, in the order of the flow.
///
/// Runs once in every process that lists or measures a benchmark, so it registers and does no work.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .peakMemoryResident], units: [.peakMemoryResident: .mega],
    warmupIterations: 1, maxDuration: .seconds(3))
  for stage in Stage.all(.full) { register(stage) }
  wholeCommandBenchmarks()
}

/// Registers a stage; every iteration must give the result of the first.
private func register(_ stage: Stage) {
  Benchmark(stage.name) { (benchmark, prepared: (stage: Stage.Prepared, checksum: Checksum)) in
    stoppingOnError(in: stage.name) {
      benchmark.startMeasurement()
      let result = try prepared.stage.work()
      benchmark.stopMeasurement()
      let found = result()
      guard found == prepared.checksum else {
        throw StageError.unsteady(stage: stage.name, first: prepared.checksum, later: found)
      }
    }
  } setup: {
    stoppingOnError(in: stage.name) {
      let prepared = try stage.prepare()
      return (stage: prepared, checksum: try prepared.work()())
    }
  }
}

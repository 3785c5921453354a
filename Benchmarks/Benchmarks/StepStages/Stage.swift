import Benchmark

/// Registers a benchmark of one stage: a function from a fixed input to a result.
///
/// Only `work` is measured. The checksum of its result is printed once, and every iteration must
/// give the same one again.
func stageBenchmark<Input, Output>(
  _ name: String,
  input: @escaping () throws -> Input,
  work: @escaping (Input) throws -> Output,
  checksum: @escaping (Output) -> Checksum
) {
  Benchmark(name) { (benchmark, prepared: (input: Input, checksum: Checksum)) in
    stoppingOnError(in: name) {
      benchmark.startMeasurement()
      let output = try work(prepared.input)
      benchmark.stopMeasurement()
      let found = checksum(output)
      guard found == prepared.checksum else {
        throw StageError.unsteady(first: prepared.checksum, later: found)
      }
    }
  } setup: {
    stoppingOnError(in: name) {
      let input = try input()
      let checksum = checksum(try work(input))
      print("\(name): checksum \(checksum)")
      return (input: input, checksum: checksum)
    }
  }
}

/// Why the time of a stage means nothing.
enum StageError: Error, CustomStringConvertible {
  case unsteady(first: Checksum, later: Checksum)

  var description: String {
    switch self {
    case .unsteady(let first, let later):
      "the same input gave the checksum \(first) first and \(later) later"
    }
  }
}

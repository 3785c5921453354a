import Foundation

/// Does the work of a benchmark, or says on standard error why it cannot and ends the process.
///
/// A benchmark that throws is only noted in the output, and `make bench` would succeed.
func stoppingOnError<Result>(in name: String, _ work: () throws -> Result) -> Result {
  do {
    return try work()
  } catch {
    FileHandle.standardError.write(Data("\(name): \(error)\n".utf8))
    exit(EXIT_FAILURE)
  }
}

import ArgumentParser
import Foundation

/// Data that a command cannot work with: the sentence goes to standard error, the exit code is 65.
///
/// Mistakes in the arguments themselves are `ValidationError`s, exit code 64.
struct BadData: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Runs the body of a command; anything it throws but the parser's own errors is bad data.
func reportingBadData<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error where error is ValidationError || error is ExitCode || error is CleanExit {
    throw error
  } catch {
    writeToStandardError("stepcast: \(error)\n")
    throw ExitCode(65)
  }
}

/// The same for a body that waits.
func waitingAndReportingBadData<Result>(_ body: () async throws -> Result) async throws -> Result {
  let result: Swift.Result<Result, any Error>
  do {
    result = .success(try await body())
  } catch {
    result = .failure(error)
  }
  return try reportingBadData { try result.get() }
}

func writeToStandardError(_ text: String) {
  FileHandle.standardError.write(Data(text.utf8))
}

import Foundation

/// A program with its arguments, run to its end.
struct Command {
  let executable: URL
  let arguments: [String]

  init(_ executable: URL, _ arguments: [String]) {
    self.executable = executable
    self.arguments = arguments
  }

  /// The release build of `stepcast` beside this package, unless `STEPCAST_BINARY` names another.
  static var stepcast: URL {
    if let path = ProcessInfo.processInfo.environment["STEPCAST_BINARY"] {
      return URL(filePath: path)
    }
    let package = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return package.deletingLastPathComponent().appending(path: ".build/release/stepcast")
  }

  /// Runs the program without input; what it prints is thrown away, what it complains of is not.
  ///
  /// - Returns: the largest resident memory in bytes of any program this process has run, so a
  ///   process must run one kind of command. Linux counts what the starting process held at that
  ///   moment as the program's, about 20 MB here.
  /// - Throws: when the program cannot be started, or `CommandError.failed`.
  func run() throws -> Int {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw CommandError.failed(command: self, status: process.terminationStatus)
    }
    return try Self.peakMemoryOfChildren()
  }

  private static func peakMemoryOfChildren() throws -> Int {
    #if canImport(Darwin)
    let (children, unit) = (RUSAGE_CHILDREN, 1)
    #else
    let (children, unit) = (RUSAGE_CHILDREN.rawValue, 1024)
    #endif
    var usage = rusage()
    guard getrusage(children, &usage) == 0 else {
      throw CommandError.unknownUsage(code: errno)
    }
    return usage.ru_maxrss * unit
  }
}

/// Why a command gave nothing to measure.
enum CommandError: Error, CustomStringConvertible {
  case failed(command: Command, status: Int32)
  case unknownUsage(code: Int32)

  var description: String {
    switch self {
    case .failed(let command, let status):
      let line = ([command.executable.path] + command.arguments).joined(separator: " ")
      return "`\(line)` ended with status \(status); its complaint is above"
    case .unknownUsage(let code):
      return "getrusage failed with errno \(code), so the command's memory is unknown"
    }
  }
}

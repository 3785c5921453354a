import Foundation
import Units

/// A line on standard error that says what takes so long and for how long; only on a terminal, and
/// only after a second.
struct Spinner {
  private let drawing: Task<Void, Never>?

  init(_ work: String) {
    guard isatty(STDERR_FILENO) == 1 else {
      drawing = nil
      return
    }
    drawing = Task.detached {
      let start = ContinuousClock.now
      let frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
      var frame = 0
      while (try? await Task.sleep(for: .milliseconds(frame == 0 ? 1000 : 100))) != nil {
        let elapsed = Double((ContinuousClock.now - start).components.seconds)
        writeToStandardError("\r\(frames[frame % frames.count]) \(work), \(fixed(elapsed, 0)) s")
        frame += 1
      }
      if frame > 0 { writeToStandardError("\r\u{1B}[K") }
    }
  }

  /// Runs work under a spinner.
  static func during<Result>(_ work: String, _ body: () throws -> Result) rethrows -> Result {
    let spinner = Spinner(work)
    defer { spinner.drawing?.cancel() }
    return try body()
  }
}

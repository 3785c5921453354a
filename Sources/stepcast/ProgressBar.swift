import Foundation

/// A bar on standard error for work that takes more than a second; only on a terminal.
struct ProgressBar {
  private let total: Int
  private let unit: String
  private let isShown: Bool
  private let start = ContinuousClock.now
  private var done = 0
  private var hasDrawn = false

  init(total: Int, unit: String) {
    self.total = total
    self.unit = unit
    isShown = isatty(STDERR_FILENO) == 1
  }

  /// Notes one more piece of work.
  mutating func advance() {
    done += 1
    guard isShown, ContinuousClock.now - start > .seconds(1) else { return }
    let width = 30
    let filled = width * done / max(1, total)
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    writeToStandardError("\r\(bar) \(done)/\(total) \(unit)")
    hasDrawn = true
  }

  /// Clears the line.
  func finish() {
    if hasDrawn { writeToStandardError("\r\u{1B}[K") }
  }
}

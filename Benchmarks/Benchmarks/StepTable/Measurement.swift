import Allocations
import StepStages

/// What one stage took.
struct Measurement {
  let name: String
  let nodes: Int?
  /// The median of several runs.
  let seconds: Double
  /// Of the last run.
  let allocations: Int
  /// Held at most during the last run, over what was held before.
  let bytes: Int
  let checksum: Checksum

  /// - Throws: what the stage does, and `StageError.unsteady` when runs differ in their results.
  init(of stage: Stage, runs: Int) throws {
    let prepared = try stage.prepare()
    var times: [Double] = []
    var first: Checksum?
    var allocations = 0
    var bytes = 0
    for _ in 0..<runs {
      let before = allocation_count()
      reset_peak_bytes()
      let clock = ContinuousClock()
      let start = clock.now
      let result = try prepared.work()
      times.append((clock.now - start) / .seconds(1))
      allocations = Int(allocation_count() - before)
      bytes = Int(peak_bytes())
      let found = result()
      if let first, first != found {
        throw StageError.unsteady(stage: stage.name, first: first, later: found)
      }
      first = found
    }
    name = stage.name
    nodes = prepared.nodes
    seconds = times.sorted()[runs / 2]
    self.allocations = allocations
    self.bytes = bytes
    checksum = first ?? Checksum()
  }

  /// Time, rate, bytes per node, allocations, checksum and name.
  var row: String {
    let rate = nodes.map { fixed(Double($0) / seconds / 1e6, 1) } ?? "–"
    let perNode = nodes.map { fixed(Double(bytes) / Double(max(1, $0)), 2) } ?? "–"
    let columns = [
      (fixed(1000 * seconds, 2) + " ms", 12), (rate + " M nodes/s", 18), (perNode + " B/node", 15),
      ("\(allocations) allocations", 20),
    ].map { text, width in String(repeating: " ", count: max(0, width - text.count)) + text }
    return (columns + ["  \(checksum)  \(name)"]).joined()
  }
}

/// A number with a fixed count of decimals.
func fixed(_ value: Double, _ decimals: Int) -> String {
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let whole = Int((value * scale).rounded())
  guard decimals > 0 else { return String(whole) }
  let digits = String(whole % Int(scale))
  return "\(whole / Int(scale))." + String(repeating: "0", count: decimals - digits.count) + digits
}

import Memory
import TestSupport
import Testing
import Units

@testable import Estimation

@Suite("measured memory")
struct MeasuredMemoryTests {
  /// The measured peak is `max_memory_allocated`, so the allowance for fragmentation is left out.
  @Test(
    "the peaks of 19 steps that SimuMax measured on B200 are met to half a percent on average",
    .enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)))
  func allocated() throws {
    let rows = try MeasuredMemory.load()
    #expect(rows.count == 19)
    let errors = try rows.map { row in
      let most = try Estimate(row.scenario).memory.map(\.allocated.count).max() ?? 0
      return Double(most) / Double(row.peak.count) - 1
    }
    let mean = errors.reduce(0) { $0 + abs($1) } / Double(errors.count)
    #expect(mean <= 0.005)
    for error in errors { #expect(abs(error) <= 0.01) }
  }
}

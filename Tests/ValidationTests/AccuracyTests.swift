import Foundation
import TestSupport
import Testing
import Units
import Validation

/// Present errors, as golden values: a change of a formula or a profile shows here as a difference.
///
/// The constants were fitted with the rows of the shared tables in view; what they reach on rows left
/// out is stated by the documentation of each formula.
@Suite("Accuracy")
struct AccuracyTests {
  private func published(_ name: String) throws -> Data {
    try Data(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Published/\(name).csv"))
  }

  @Test("published kernels that are quoted here")
  func publishedKernels() throws {
    let found = try Measurements(kernels: published("kernels"))
    #expect(found.refused.isEmpty)
    let report = found.report { $0.family }
    #expect(try report == Golden.reviewed("published-kernels.txt", found: report))
  }

  @Test("published collectives that are quoted here")
  func publishedCollectives() throws {
    let found = try Measurements(collectives: published("collectives"))
    #expect(found.refused.isEmpty)
    let report = found.report { $0.family }
    #expect(try report == Golden.reviewed("published-collectives.txt", found: report))
  }

  @Test(
    "all shared kernels",
    .enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)))
  func kernels() throws {
    let found = try Measurements(kernels: SharedData.read("kernels_measured.csv"))
    let report = found.report { "\($0.family), \($0.hardware)" } + found.report { $0.family }
    #expect(try report == Golden.reviewed("kernels.txt", found: report))
    // Four of five measurements lie between the bounds that a price states.
    let inside = found.priced.filter { row in
      let measured = row.price.time.value / (1 + row.error)
      return (row.price.low.value...row.price.high.value).contains(measured)
    }
    let coverage = Double(inside.count) / Double(found.priced.count)
    #expect((0.75...0.87).contains(coverage), "\(coverage)")
  }

  @Test(
    "all shared collectives",
    .enabled(if: SharedData.isAvailable, Comment(rawValue: SharedData.skipMessage)))
  func collectives() throws {
    let data = try SharedData.read("collectives_measured.csv")
    let ordinary = try Measurements(collectives: data) { $0.isOrdinary }
    let special = try Measurements(collectives: data) { !$0.isOrdinary }
    let report =
      "ordinary\n" + ordinary.report { $0.family } + ordinary.report { $0.hardware }
      + "special\n" + special.report { $0.family }
    #expect(try report == Golden.reviewed("collectives.txt", found: report))
  }
}
